"""Kinds of values in events: how each is read strictly, and what it is in JSON Schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from core.xapi.errors import StatementError, quoted, wrong
from core.xapi.iris import iri
from core.xapi.times import timestamp_reader
from core.xapi.uuids import uuid
from core.xapi.values import Reader, free, number, string
from core.xapi.versions import Version

Schema = Mapping[str, Any]

VERSION = 1

MOST_POINTS = 1_000_000_000
MOST_MINUTES = 1_000_000
MOST_DAYS = 36_500
MOST_INTEGER = 2**31 - 1

# The end, and not a line's end: where $ means both, as in Python, the rest forbids the second.
_END = r"$(?!\n)"
_NO_NUL = rf"^[^\u0000]*{_END}"
_EMAIL = rf"^[^@\s\u0000]+@[^@\s\u0000]+{_END}"
_MOMENT = (
    r"^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    rf"(?:Z|(?!-00:00)[+-](?:0[0-9]|1[0-5]):[0-5][0-9]){_END}"
)
_UUID = rf"^[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}{_END}"
_IRI = (
    r"^[A-Za-z][A-Za-z0-9+.\-]*:"
    r"(?:%[0-9A-Fa-f]{2}|[^%\s\u0000-\u0020\u007f-\u00a0<>\"{}|\\^`\ufdd0-\ufdef\ufff0-\uffff])+"
    rf"{_END}"
)


@dataclass(frozen=True, eq=False)
class Kind:
    reader: Reader[Any]
    schema: Schema


def _text(most: int, least: int = 1, pattern: str = _NO_NUL, such_as: str = "") -> Kind:
    allowed = f"a string of {least} to {most} characters{such_as}"
    form = re.compile(pattern)

    def read(value: bytes) -> str:
        text = string(value)
        if not least <= len(text) <= most or not form.fullmatch(text):
            raise StatementError("", quoted(text) if text else "an empty string", allowed)
        return text

    return Kind(read, {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern})


def _whole(least: int, most: int) -> Kind:
    def read(value: bytes) -> int:
        found = number(value)
        if not isinstance(found, int) or not least <= found <= most:
            raise wrong(value, f"a whole number from {least} to {most}")
        return found

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most})


def _amount(most: int, *, may_be_zero: bool = True) -> Kind:
    allowed = f"a number from 0 to {most}" if may_be_zero else f"a number above 0, up to {most}"

    def read(value: bytes) -> int | float:
        found = number(value)
        if not 0 <= found <= most or (found == 0 and not may_be_zero):
            raise wrong(value, allowed)
        return found

    return Kind(read, {"type": "number", "minimum" if may_be_zero else "exclusiveMinimum": 0, "maximum": most})


def _version(value: bytes) -> int:
    if number(value) != VERSION:
        raise wrong(value, str(VERSION))
    return VERSION


def _object(value: bytes) -> dict[str, Any]:
    found = free(value)
    if not isinstance(found, dict):
        raise wrong(value, "an object")
    return found


Id = Annotated[str, _text(255)]
Name = Annotated[str, _text(255)]
Text = Annotated[str, _text(1000)]
Email = Annotated[str, _text(320, 3, _EMAIL, " such as ada@school.example")]
Iri = Annotated[str, Kind(iri, {"type": "string", "maxLength": 2048, "pattern": _IRI})]
Uuid = Annotated[str, Kind(uuid, {"type": "string", "pattern": _UUID})]
Moment = Annotated[
    datetime, Kind(timestamp_reader(Version.V2), {"type": "string", "format": "date-time", "pattern": _MOMENT})
]
EventVersion = Annotated[int, Kind(_version, {"const": VERSION})]
Object = Annotated[dict[str, Any], Kind(_object, {"type": "object"})]
Position = Annotated[int, _whole(0, MOST_INTEGER)]
Ordinal = Annotated[int, _whole(1, MOST_INTEGER)]
Days = Annotated[int, _whole(1, MOST_DAYS)]
Minutes = Annotated[float, _amount(MOST_MINUTES)]
Percent = Annotated[float, _amount(100)]
Points = Annotated[float, _amount(MOST_POINTS)]
PointsAboveZero = Annotated[float, _amount(MOST_POINTS, may_be_zero=False)]
