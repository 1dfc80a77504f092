"""Contexts: registration, people and activities around a statement."""

from typing import Any

import msgspec
from msgspec import Raw

from core.xapi.activities import Activity, activity, extensions
from core.xapi.agents import Agent, actor, agent, group, one_of
from core.xapi.errors import StatementError, missing, wrong
from core.xapi.iris import iri
from core.xapi.languages import language_tag
from core.xapi.memory import remembered
from core.xapi.uuids import uuid
from core.xapi.values import (
    Reader,
    canonical,
    encode,
    is_array,
    members,
    read_elements,
    read_members,
    read_object,
    string,
)
from core.xapi.versions import Version

ACTIVITY_ROLES = ("parent", "grouping", "category", "other")


class ContextActivities(msgspec.Struct, frozen=True, gc=False):
    by_role: tuple[tuple[str, Activity], ...]
    # With single activities in arrays, as an LRS returns them; None where they were.
    changed_text: bytes | None
    comparable: Raw


class Context(msgspec.Struct, frozen=True, gc=False):
    registration: str | None
    agents: list[tuple[str, Agent]]
    activities: tuple[tuple[str, Activity], ...]
    # The first property that only a statement about an Activity may have, if there is one.
    only_for_activities: str | None
    # None, where the text needs no change.
    changed_text: bytes | None
    comparable: dict[str, Any]


class Participant(msgspec.Struct, frozen=True, gc=False):
    """A contextAgent or contextGroup: an agent, and the types of activity for which it is relevant."""

    agent: Agent
    comparable: tuple[Raw, list[str]]


def _activities(value: bytes) -> tuple[Activity, ...]:
    return tuple(read_elements(value, activity)) if is_array(value) else (activity(value),)


_ACTIVITIES_READERS: dict[str, Reader[tuple[Activity, ...]]] = dict.fromkeys(ACTIVITY_ROLES, _activities)


@remembered(4096)
def context_activities(value: bytes) -> ContextActivities:
    texts = members(value)
    found = read_members(texts, _ACTIVITIES_READERS)
    changed = None
    if not all(map(is_array, texts.values())):
        changed = encode({role: Raw(part if is_array(part) else b"[%s]" % bytes(part)) for role, part in texts.items()})
    ids = {role: [each.id for each in activities] for role, activities in found.items()}
    by_role = tuple((role, each) for role, activities in found.items() for each in activities)
    return ContextActivities(by_role, changed, Raw(canonical(ids)))


def statement_reference(value: bytes) -> str:
    """The id of the statement that is referred to."""
    found = read_object(value, {"objectType": one_of("StatementRef"), "id": uuid})
    for name in ("objectType", "id"):
        if name not in found:
            raise missing(name, "a StatementRef")
    target: str = found["id"]
    return target


def _relevant_types(value: bytes) -> list[str]:
    types = read_elements(value, iri)
    if not types:
        raise wrong(value, "at least one IRI of an activity type")
    return types


def _participant_reader(kind: str, name: str, reader: Reader[Agent]) -> Reader[tuple[Participant, ...]]:
    readers: dict[str, Reader[Any]] = {"objectType": one_of(kind), name: reader, "relevantTypes": _relevant_types}

    def participant(value: bytes) -> Participant:
        found = read_object(value, readers)
        for required in ("objectType", name):
            if required not in found:
                raise missing(required, f"a {kind}")
        return Participant(found[name], (found[name].comparable, found.get("relevantTypes", [])))

    return lambda value: tuple(read_elements(value, participant))


_READERS_V1: dict[str, Reader[Any]] = {
    "registration": uuid,
    "instructor": actor,
    "team": group,
    "contextActivities": context_activities,
    "revision": string,
    "platform": string,
    "language": language_tag,
    "statement": statement_reference,
    "extensions": extensions,
}
_READERS = {
    Version.V1: _READERS_V1,
    Version.V2: {
        **_READERS_V1,
        "contextAgents": _participant_reader("contextAgent", "agent", agent),
        "contextGroups": _participant_reader("contextGroup", "group", group),
    },
}


_NO_ACTIVITIES = ContextActivities((), None, Raw(b"{}"))


def context_reader(version: Version) -> Reader[Context]:
    readers = _READERS[version]

    def context(value: bytes) -> Context:
        texts = members(value)
        found = read_members(texts, readers)
        agents = _take_agents(found)
        activities = _NO_ACTIVITIES
        if "contextActivities" in found:
            activities = found["contextActivities"]
            found["contextActivities"] = activities.comparable
        changed = activities.changed_text
        return Context(
            registration=found.get("registration"),
            agents=agents,
            activities=activities.by_role,
            only_for_activities="revision" if "revision" in found else "platform" if "platform" in found else None,
            changed_text=encode({**texts, "contextActivities": Raw(changed)}) if changed else None,
            comparable=found,
        )

    return context


def _take_agents(found: dict[str, Any]) -> list[tuple[str, Agent]]:
    """What stays is their comparable form."""
    agents: list[tuple[str, Agent]] = []
    for role in ("instructor", "team"):
        if role in found:
            agents.append((role, found[role]))
            found[role] = found[role].comparable
    for role in ("contextAgents", "contextGroups"):
        if role in found:
            agents += [(role, participant.agent) for participant in found[role]]
            found[role] = [participant.comparable for participant in found[role]]
    return agents


def refuse_beside(kind: str, context: Context) -> None:
    """Revision and platform belong to activities only."""
    if context.only_for_activities:
        raise StatementError(
            f"context.{context.only_for_activities}", f"this property beside an object of type {kind}", "an Activity"
        )
