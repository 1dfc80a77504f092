"""Statements as they are read: `ids` keeps what identifies, `canonical` shows one language and the merged definitions.

They work on stored texts, which are known to be statements; what is not changed keeps its notation.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from core.xapi.accept_language import Wanted, choose_language
from core.xapi.activities import ALL_COMPONENT_LISTS
from core.xapi.agents import IDENTIFIERS
from core.xapi.values import elements, encode, is_array, open_object, string

Change = Callable[[bytes], bytes]


class Canon(msgspec.Struct, frozen=True):
    """What the LRS knows about the activities and verbs of some statements, by their ids, as JSON texts."""

    definitions: Mapping[str, bytes]
    displays: Mapping[str, bytes]
    wanted: list[Wanted]


def only_ids(statement: bytes) -> bytes:
    return _change(
        statement,
        {
            "actor": _agent_ids,
            "verb": _keep_id,
            "object": _object_ids,
            "context": _context_ids,
            "authority": _agent_ids,
        },
    )


def canonical(statement: bytes, canon: Canon) -> bytes:
    def verb(text: bytes) -> bytes:
        return _canonical_verb(text, canon)

    def activity(text: bytes) -> bytes:
        return _canonical_activity(text, canon)

    def found(text: bytes) -> bytes:
        kind = _kind(text)
        return canonical(text, canon) if kind == "SubStatement" else activity(text) if kind == "Activity" else text

    def context(text: bytes) -> bytes:
        return _change(text, {"contextActivities": lambda roles: _change_each(roles, activity)})

    return _change(statement, {"verb": verb, "object": found, "context": context})


def one_language(language_map: bytes, wanted: list[Wanted]) -> bytes:
    texts = open_object(language_map)
    tag = choose_language(texts, wanted)
    return encode({tag: texts[tag]}) if tag is not None else language_map


def canonical_definition(definition: bytes, wanted: list[Wanted]) -> bytes:
    def reduce(text: bytes) -> bytes:
        return one_language(text, wanted)

    def component(text: bytes) -> bytes:
        return _change(text, {"description": reduce})

    def components(text: bytes) -> bytes:
        return _change_all(text, component)

    return _change(
        definition, {"name": reduce, "description": reduce, **dict.fromkeys(ALL_COMPONENT_LISTS, components)}
    )


def _canonical_verb(text: bytes, canon: Canon) -> bytes:
    texts = open_object(text)
    display = canon.displays.get(string(texts["id"]), texts.get("display"))
    return text if display is None else encode({**texts, "display": Raw(one_language(display, canon.wanted))})


def _canonical_activity(text: bytes, canon: Canon) -> bytes:
    texts = open_object(text)
    known = canon.definitions.get(string(texts["id"]), texts.get("definition"))
    return text if known is None else encode({**texts, "definition": Raw(canonical_definition(known, canon.wanted))})


def _change(text: bytes, changes: Mapping[str, Change]) -> bytes:
    texts = open_object(text)
    return encode({name: Raw(changes[name](part)) if name in changes else part for name, part in texts.items()})


def _change_each(text: bytes, change: Change) -> bytes:
    """Of an object's arrays, each element."""
    return encode({name: Raw(_change_all(part, change)) for name, part in open_object(text).items()})


def _change_all(text: bytes, change: Change) -> bytes:
    return encode([Raw(change(part)) for part in (elements(text) if is_array(text) else [text])])


def _keep(text: bytes, names: tuple[str, ...]) -> bytes:
    return encode({name: part for name, part in open_object(text).items() if name in names})


def _keep_id(text: bytes) -> bytes:
    return _keep(text, ("id",))


def _agent_ids(text: bytes) -> bytes:
    texts = open_object(text)
    if any(name in texts for name in IDENTIFIERS):
        return _keep(text, ("objectType", *IDENTIFIERS))
    return _change(_keep(text, ("objectType", "member")), {"member": lambda members: _change_all(members, _agent_ids)})


def _object_ids(text: bytes) -> bytes:
    kind = _kind(text)
    if kind in ("Agent", "Group"):
        return _agent_ids(text)
    if kind == "SubStatement":
        return only_ids(text)
    return _keep_id(text) if kind == "Activity" else text


def _context_ids(text: bytes) -> bytes:
    return _change(
        text,
        {
            "instructor": _agent_ids,
            "team": _agent_ids,
            "contextActivities": lambda roles: _change_each(roles, _keep_id),
            "contextAgents": lambda agents: _change_all(agents, lambda one: _change(one, {"agent": _agent_ids})),
            "contextGroups": lambda groups: _change_all(groups, lambda one: _change(one, {"group": _agent_ids})),
        },
    )


def _kind(text: bytes) -> Any:
    kind = open_object(text).get("objectType")
    return "Activity" if kind is None else string(kind)
