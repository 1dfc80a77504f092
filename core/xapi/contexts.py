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
from core.xapi.values import Reader, canonical, encode, is_array, members, read_elements, read_members, read_object
from core.xapi.values import string
from core.xapi.versions import Version

ACTIVITY_ROLES = ("parent", "grouping", "category", "other")


class ContextActivities(msgspec.Struct, frozen=True):
    by_role: tuple[tuple[str, tuple[Activity, ...]], ...]
    # As it was sent, but for single activities, which an LRS returns in arrays.
    text: bytes
    comparable: Raw


class Context(msgspec.Struct, frozen=True):
    registration: str | None
    instructor: Agent | None
    team: Agent | None
    activities: ContextActivities | None
    agents: tuple[Agent, ...]
    groups: tuple[Agent, ...]
    # The first property that only a statement about an Activity may have, if there is one.
    only_for_activities: str | None
    # None, where the text needs no change.
    changed_text: bytes | None
    comparable: dict[str, Any]


class Participant(msgspec.Struct, frozen=True):
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
    text = value
    if not all(map(is_array, texts.values())):
        text = encode({role: Raw(part if is_array(part) else b"[%s]" % bytes(part)) for role, part in texts.items()})
    ids = {role: [each.id for each in activities] for role, activities in found.items()}
    return ContextActivities(tuple(found.items()), text, Raw(canonical(ids)))


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


def context_reader(version: Version) -> Reader[Context]:
    readers = _READERS[version]

    def context(value: bytes) -> Context:
        texts = members(value)
        found = read_members(texts, readers)
        activities: ContextActivities | None = found.get("contextActivities")
        agents: tuple[Participant, ...] = found.get("contextAgents", ())
        groups: tuple[Participant, ...] = found.get("contextGroups", ())
        changed = activities is not None and texts["contextActivities"] != activities.text
        return Context(
            registration=found.get("registration"),
            instructor=found.get("instructor"),
            team=found.get("team"),
            activities=activities,
            agents=tuple(each.agent for each in agents),
            groups=tuple(each.agent for each in groups),
            only_for_activities=next((name for name in ("revision", "platform") if name in found), None),
            changed_text=encode({**texts, "contextActivities": Raw(activities.text)}) if changed and activities else None,
            comparable=_comparable(found),
        )

    return context


def _comparable(found: dict[str, Any]) -> dict[str, Any]:
    tree = dict(found)
    for name in ("instructor", "team", "contextActivities"):
        if name in tree:
            tree[name] = tree[name].comparable
    for name in ("contextAgents", "contextGroups"):
        if name in tree:
            tree[name] = [each.comparable for each in tree[name]]
    if "language" in tree:
        tree["language"] = tree["language"].lower()
    return tree


def refuse_beside(kind: str, context: Context | None) -> None:
    """Revision and platform belong to activities only."""
    if context is not None and context.only_for_activities and kind != "Activity":
        raise StatementError(
            f"context.{context.only_for_activities}", f"this property beside an object of type {kind}", "an Activity"
        )
