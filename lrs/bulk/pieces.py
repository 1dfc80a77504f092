"""A file as pieces of text, a statement each, in memory one at a time: of a JSON array, or a line each."""

from collections.abc import Iterator
from itertools import chain
from typing import Literal, NamedTuple

import msgspec

from core.errors import UserError
from lrs.bulk.separators import ArraySeparators, Separators, line_breaks
from lrs.bulk.source import Source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
WHITE = b" \t\r\n"

# `end` is what comes after an array.
Form = Literal["lines", "array", "end"]
Fault = Literal["too_large", "truncated", "after_end", "damaged"]


class Place(msgspec.Struct, frozen=True):
    """Where the next piece begins."""

    form: Form
    offset: int
    line: int = 1
    position: int = 0


class Piece(NamedTuple):
    """`position` counts statements from 0, `line` lines from 1. Of what is too large there is no text."""

    line: int
    position: int
    offset: int
    text: bytes | None
    fault: Fault | None
    following: Place


class _Cut(NamedTuple):
    text: bytes | None
    line: int
    offset: int
    # Where the next one begins.
    next_line: int
    next_offset: int
    is_last: bool


def read_pieces(source: Source, place: Place | None, most_bytes: int) -> Iterator[Piece]:
    if place is None:
        place, chunks = _begin(source.chunks(0))
    else:
        chunks = source.chunks(place.offset)
    read = _read_lines if place.form == "lines" else _read_array
    last = place
    for piece in read(chunks, place, most_bytes):
        last = piece.following
        yield piece
    if source.is_damaged:
        yield Piece(last.line, last.position, last.offset, b"", "damaged", last)


def _begin(chunks: Iterator[bytes]) -> tuple[Place, Iterator[bytes]]:
    offset, line = 0, 1
    for chunk in chunks:
        if offset == 0:
            _refuse_utf_16(chunk)
        text = chunk.removeprefix(BYTE_ORDER_MARK) if offset == 0 else chunk
        found = text.lstrip(WHITE)
        offset += len(chunk) - len(found)
        line += chunk.count(b"\n", 0, len(chunk) - len(found))
        if found.startswith(b"["):
            return Place("array", offset + 1, line), chain([found[1:]], chunks)
        if found:
            return Place("lines", offset, line), chain([found], chunks)
    return Place("lines", offset, line), iter(())


def _read_lines(chunks: Iterator[bytes], place: Place, most_bytes: int) -> Iterator[Piece]:
    position = place.position
    for cut in _cut(chunks, line_breaks, place, most_bytes):
        if cut.text == b"":
            continue
        position += 1
        yield _piece(cut, position, None, "lines")


def _read_array(chunks: Iterator[bytes], place: Place, most_bytes: int) -> Iterator[Piece]:
    separators = ArraySeparators(is_closed=place.form == "end")
    position, was_closed = place.position, separators.is_closed
    for cut in _cut(chunks, separators, place, most_bytes):
        is_nothing = cut.text == b"" and (was_closed or (separators.is_closed and position == 0))
        if not is_nothing:
            position += 1
            yield _piece(cut, position, _fault(cut, was_closed), "end" if separators.is_closed else "array")
        was_closed = separators.is_closed


def _fault(cut: _Cut, was_closed: bool) -> Fault | None:
    if not cut.is_last:
        return None
    return "after_end" if was_closed else "truncated"


def _piece(cut: _Cut, count: int, fault: Fault | None, form: Form) -> Piece:
    following = Place(form, cut.next_offset, cut.next_line, count)
    return Piece(cut.line, count - 1, cut.offset, cut.text, "too_large" if cut.text is None else fault, following)


def _cut(chunks: Iterator[bytes], separators: Separators, place: Place, most_bytes: int) -> Iterator[_Cut]:
    gathered = _Gathered(place.offset, place.line, most_bytes)
    for chunk in chunks:
        begin = 0
        for at in separators(chunk):
            gathered.add(chunk[begin:at])
            yield gathered.take(chunk[at : at + 1])
            begin = at + 1
        gathered.add(chunk[begin:])
    yield gathered.take(b"")


class _Gathered:
    """What has come of a piece; its text only while that is short enough to be taken."""

    def __init__(self, offset: int, line: int, most_bytes: int) -> None:
        self._offset = offset
        self._line = line
        self._most_bytes = most_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._breaks = 0

    def add(self, part: bytes) -> None:
        self._size += len(part)
        self._breaks += part.count(b"\n")
        if self._size > self._most_bytes:
            self._parts = []
        elif part:
            self._parts.append(part)

    def take(self, separator: bytes) -> _Cut:
        text, line, offset = self._text(), self._line, self._offset
        self._offset += self._size + len(separator)
        self._line += self._breaks + (separator == b"\n")
        if text is not None:
            found = text.lstrip(WHITE)
            blank = len(text) - len(found)
            line += text.count(b"\n", 0, blank)
            offset += blank
            text = found.rstrip(WHITE)
        self._clear()
        return _Cut(text, line, offset, self._line, self._offset, not separator)

    def _text(self) -> bytes | None:
        if self._size > self._most_bytes:
            return None
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _clear(self) -> None:
        self._parts = []
        self._size = 0
        self._breaks = 0


def _refuse_utf_16(chunk: bytes) -> None:
    if chunk.startswith(UTF_16):
        raise UserError(
            "The file is UTF-16, as some Windows programs write it.",
            "Convert it: `iconv -f UTF-16 -t UTF-8 FILE > CONVERTED`.",
        )
