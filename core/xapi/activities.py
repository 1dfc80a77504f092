"""Activities, their definitions and the interactions these describe."""

from typing import Any

import msgspec

from core.xapi.agents import one_of
from core.xapi.errors import StatementError, missing, quoted
from core.xapi.iris import check_iri, iri
from core.xapi.languages import language_map_text
from core.xapi.memory import remembered
from core.xapi.values import Reader, free, read_elements, read_map, read_object, string

# Which lists of interaction components each type of interaction has.
COMPONENT_LISTS: dict[str, tuple[str, ...]] = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
ALL_COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")


class Activity(msgspec.Struct, frozen=True, gc=False):
    id: str
    identity: bytes
    definition: bytes | None
    text: bytes


def activity_identity(iri: str) -> bytes:
    return b"activity|" + iri.encode()


def extensions(value: bytes) -> dict[str, Any]:
    return read_map(value, check_iri, free)


def _component(value: bytes) -> str:
    found = read_object(value, {"id": string, "description": language_map_text})
    if "id" not in found:
        raise missing("id", "an interaction component")
    component: str = found["id"]
    return component


def _components(value: bytes) -> list[str]:
    ids = read_elements(value, _component)
    seen: set[str] = set()
    for index, component in enumerate(ids):
        if component in seen:
            raise StatementError(f"[{index}].id", quoted(component), "ids that differ within the list")
        seen.add(component)
    return ids


def _patterns(value: bytes) -> list[str]:
    return read_elements(value, string)


_DEFINITION_READERS: dict[str, Reader[Any]] = {
    "name": language_map_text,
    "description": language_map_text,
    "type": iri,
    "moreInfo": iri,
    "extensions": extensions,
    "interactionType": one_of(*COMPONENT_LISTS),
    "correctResponsesPattern": _patterns,
    **dict.fromkeys(ALL_COMPONENT_LISTS, _components),
}


def definition(value: bytes) -> bytes:
    """The definition as it was written, once it is known to be one."""
    found = read_object(value, _DEFINITION_READERS)
    interaction: str | None = found.get("interactionType")
    if interaction is None and "correctResponsesPattern" in found:
        raise missing("interactionType", "a definition with correctResponsesPattern")
    supported = COMPONENT_LISTS[interaction] if interaction else ()
    for name in ALL_COMPONENT_LISTS:
        if name in found and name not in supported:
            raise _unsupported(name, interaction)
    return bytes(value)


def _unsupported(name: str, interaction: str | None) -> StatementError:
    if interaction is None:
        return missing("interactionType", f"a definition with {name}")
    others = ", ".join(COMPONENT_LISTS[interaction]) or "no list of components"
    return StatementError(name, f"a list that interactions of type {interaction} do not have", others)


_ACTIVITY_READERS: dict[str, Reader[Any]] = {
    "objectType": one_of("Activity"),
    "id": iri,
    "definition": definition,
}


@remembered(4096)
def activity(value: bytes) -> Activity:
    found = read_object(value, _ACTIVITY_READERS)
    if "id" not in found:
        raise missing("id", "an Activity")
    return Activity(found["id"], activity_identity(found["id"]), found.get("definition"), value)
