"""JSON values, read without losing what a parser usually loses.

Objects and arrays are opened one level at a time, their parts staying text: so the numbers keep their notation,
equal parts can be remembered, and an error knows the path it is at.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from core.xapi.errors import StatementError, segment, shown_text, wrong

T = TypeVar("T")
Reader = Callable[[bytes], T]
Readers = Mapping[str, Reader[Any]]

_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])
_string = msgspec.json.Decoder(str)
_boolean = msgspec.json.Decoder(bool)
_number = msgspec.json.Decoder(int | float)
_any = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode

# A whole number with fewer digits fits into a double.
FEW_DIGITS = 300
_MANY_DIGITS = re.compile(rb"[0-9]{%d}" % FEW_DIGITS)
NUMBER = "a number within ±1.8e308"


def compact(text: bytes) -> bytes:
    """Without the white space between tokens; numbers and strings stay as they were written."""
    return msgspec.json.format(text, indent=-1)


def is_whole(members: Mapping[str, bytes], text: bytes) -> bool:
    """True only if the text is these members and nothing more: no white space, and no property twice."""
    return _encode(members) == text


def open_object(value: bytes) -> Mapping[str, bytes]:
    try:
        return _object.decode(value)
    except msgspec.ValidationError:
        raise wrong(value, "an object") from None
    except msgspec.DecodeError as error:
        raise malformed(error) from None


def members(value: bytes) -> Mapping[str, bytes]:
    text = bytes(value)
    found = open_object(text)
    if not is_whole(found, text):
        _refuse_duplicates(text, found)
    return found


def read_members(found: Mapping[str, bytes], readers: Readers) -> dict[str, Any]:
    name = ""
    read = {}
    try:
        for name, value in found.items():
            read[name] = readers[name](value)
    except KeyError:
        if name in readers:
            raise
        raise _unknown(name, readers) from None
    except StatementError as error:
        raise error.under(segment(name)) from None
    return read


def read_object(value: bytes, readers: Readers) -> dict[str, Any]:
    return read_members(members(value), readers)


def read_map(value: bytes, check_key: Callable[[str], object], reader: Reader[T]) -> dict[str, T]:
    read = {}
    for key, part in members(value).items():
        try:
            check_key(key)
            read[key] = reader(part)
        except StatementError as error:
            raise error.under(segment(key)) from None
    return read


def elements(value: bytes) -> Sequence[bytes]:
    try:
        return _array.decode(value)
    except msgspec.ValidationError:
        raise wrong(value, "an array") from None
    except msgspec.DecodeError as error:
        raise malformed(error) from None


def read_elements(value: bytes, reader: Reader[T]) -> list[T]:
    parts = elements(value)
    read: list[T] = []
    try:
        for part in parts:
            read.append(reader(part))  # noqa: PERF401 (its length is the index in the error below)
    except StatementError as error:
        raise error.under(f"[{len(read)}]") from None
    return read


def string(value: bytes) -> str:
    try:
        return _string.decode(value)
    except msgspec.DecodeError:
        raise wrong(value, "a string") from None


def boolean(value: bytes) -> bool:
    try:
        return _boolean.decode(value)
    except msgspec.DecodeError:
        raise wrong(value, "true or false") from None


def number(value: bytes) -> int | float:
    """Whole numbers become `int` however they were written, so that 1, 1.0 and 1E0 are the same."""
    try:
        found: int | float = _number.decode(value)
        if type(found) is float:
            return int(found) if found.is_integer() else found
        if len(value) > FEW_DIGITS:
            float(found)
    except (msgspec.DecodeError, OverflowError):
        raise wrong(value, NUMBER) from None
    return found


def whole_number(value: bytes) -> int:
    found = number(value)
    if not isinstance(found, int) or not 0 <= found < 2**63:
        raise wrong(value, "a whole number from 0 to 9223372036854775807")
    return found


def free(value: bytes) -> Any:
    """Any JSON, as in extensions, its numbers made comparable."""
    try:
        tree = _any.decode(value)
    except msgspec.DecodeError:
        return _free_exact(value)
    text = bytes(value)
    # What is written back letter for letter had no property twice.
    if _encode(tree) == text and not _MANY_DIGITS.search(text):
        return comparable(tree)
    return _free_exact(value)


def comparable(tree: Any) -> Any:
    if isinstance(tree, float):
        return int(tree) if tree.is_integer() else tree
    if isinstance(tree, dict):
        return {key: comparable(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [comparable(part) for part in tree]
    return tree


def canonical(tree: Any) -> bytes:
    """One text for equal values, whatever the order of their properties."""
    return _encode_sorted(tree)


def encode(tree: Any) -> bytes:
    """Parts that are still text (`Raw`) stay as they are."""
    return _encode(tree)


def is_array(value: bytes) -> bool:
    return bytes(value).startswith(b"[")


def _free_exact(value: bytes) -> Any:
    first = bytes(value)[:1]
    if first == b"{":
        return read_map(value, lambda key: key, _free_exact)
    if first == b"[":
        return read_elements(value, _free_exact)
    if first in b'"tfn':
        return _any.decode(value)
    return number(value)


def _unknown(name: str, readers: Readers) -> StatementError:
    return StatementError(segment(name), "a property that does not exist here", "only " + ", ".join(sorted(readers)))


_KEY = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*')
_NEXT = re.compile(rb"\s*[,}]")


def _refuse_duplicates(text: bytes, found: Mapping[str, bytes]) -> None:
    """Walks over the names, stepping over the values: of a name that comes twice, only the last is among `found`."""
    seen: set[str] = set()
    position = text.index(b"{") + 1
    while key := _KEY.match(text, position):
        name = _string.decode(key[1])
        value = bytes(found[name])
        after = _NEXT.match(text, key.end() + len(value))
        if name in seen or after is None or not text.startswith(value, key.end()):
            raise StatementError(segment(name), "the same property twice", "each property once in an object")
        seen.add(name)
        position = after.end()


def malformed(error: Exception) -> StatementError:
    return StatementError("", f"text that is not JSON ({shown_text(str(error))})", "JSON in UTF-8")
