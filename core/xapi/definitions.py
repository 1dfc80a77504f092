"""The canonical definition of an activity, merged from all that statements say about it.

For each property the greatest (stored, statement id) wins, whatever the order in which they come. Language maps merge
by language, extensions by key.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Raw

from core.xapi.activities import ALL_COMPONENT_LISTS, COMPONENT_LISTS
from core.xapi.times import format_timestamp
from core.xapi.values import encode, open_object, string

# By property ("type", "name/en-US", "extensions/https://…"): who said it, and what, as JSON text.
Stamped = dict[str, tuple[str, str]]

_BY_KEY = ("name", "description", "extensions", "display")


def stamp_definition(definition: bytes, stored: datetime, statement_id: str) -> Stamped:
    stamp = f"{format_timestamp(stored)} {statement_id}"
    return {path: (stamp, value.decode()) for path, value in _properties(definition)}


def stamp_display(display: bytes, stored: datetime, statement_id: str) -> Stamped:
    """Of a verb: what holds for the language maps of a definition, holds for it."""
    return stamp_definition(encode({"display": Raw(display)}), stored, statement_id)


def merge(one: Stamped, other: Stamped) -> Stamped:
    """One statement may describe an activity twice; then the greater text wins."""
    merged = dict(one)
    for path, said in other.items():
        known = merged.get(path)
        if known is None or tuple(said) > tuple(known):
            merged[path] = said
    return merged


def definition_text(stamped: Stamped) -> bytes:
    plain: dict[str, Raw] = {}
    maps: dict[str, dict[str, Raw]] = {}
    for path, (_, value) in sorted(stamped.items()):
        name, is_map, key = path.partition("/")
        if is_map:
            maps.setdefault(name, {})[key] = Raw(value.encode())
        else:
            plain[name] = Raw(value.encode())
    return encode({**maps, **_fitting(plain)})


def display_text(stamped: Stamped) -> bytes:
    return bytes(open_object(definition_text(stamped)).get("display", b"{}"))


def _properties(definition: bytes) -> Iterator[tuple[str, bytes]]:
    for name, value in open_object(definition).items():
        if name in _BY_KEY:
            for key, part in open_object(value).items():
                yield f"{name}/{key}", bytes(part)
        else:
            yield name, bytes(value)


def _fitting(plain: dict[str, Raw]) -> dict[str, Raw]:
    """Without component lists of an interaction type that another statement has changed since."""
    interaction = string(plain.get("interactionType", Raw(b'""')))
    supported = COMPONENT_LISTS.get(interaction, ())
    return {name: value for name, value in plain.items() if name not in ALL_COMPONENT_LISTS or name in supported}
