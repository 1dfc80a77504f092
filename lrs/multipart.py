"""multipart/mixed, as RFC 2046 has it: bytes into parts, exactly, and parts into bytes.

A delimiter is a whole line. So content may contain the boundary anywhere but alone on a line, and neither loses nor
gains a byte.
"""

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from secrets import token_hex
from typing import NamedTuple

from lrs.errors import BadRequestError, RequestError

MULTIPART = "multipart/mixed"
MOST_PARTS = 1000
MOST_HEADER_BYTES = 8192
MOST_TYPE_CHARACTERS = 1000
CRLF = b"\r\n"

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_HEADER = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n\x00]*)")


class Part(NamedTuple):
    """`number` counts from 1, for messages. Names of headers are in small letters."""

    number: int
    headers: Mapping[str, str]
    content: memoryview


def boundary_of(content_type: str) -> bytes:
    header = Message()
    # Of a longer one, the standard library's parser would be at it for seconds.
    header["Content-Type"] = content_type if len(content_type) <= MOST_TYPE_CHARACTERS else ""
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise malformed("Content-Type: the boundary is missing, or not 1 to 70 of the characters that RFC 2046 allows.")
    return boundary.encode()


def split(body: bytes, boundary: bytes) -> list[Part]:
    """What stands before the first delimiter and after the last is no part."""
    view = memoryview(body)
    parts: list[Part] = []
    start: int | None = None
    for delimiter in _delimiters(body, boundary):
        if start is not None:
            parts.append(_part(len(parts) + 1, body, view, start, delimiter.start()))
        if delimiter[1]:
            return parts
        if len(parts) == MOST_PARTS:
            raise RequestError(413, "too_many", f"More than {MOST_PARTS} parts in one request, which is the most.")
        start = delimiter.end()
    if start is None:
        raise malformed("The body has no line with the boundary that Content-Type names. Lines end in CRLF.")
    raise malformed(f"The body ends within part {len(parts) + 1}: the last boundary, with -- after it, is missing.")


def _delimiters(body: bytes, boundary: bytes) -> Iterator[re.Match[bytes]]:
    """The CRLF before a delimiter belongs to it. Its first group is there in the last one of them."""
    line = rb"--%s(?:(--)[ \t]*+(?:\r\n|\Z)|[ \t]*+\r\n)" % re.escape(boundary)
    first = re.match(line, body)
    if first:
        yield first
    yield from re.compile(CRLF + line).finditer(body, first.end() if first else 0)


def _part(number: int, body: bytes, view: memoryview, start: int, end: int) -> Part:
    if body.startswith(CRLF, start, end):
        return Part(number, {}, view[start + len(CRLF) : end])
    blank = body.find(CRLF + CRLF, start, end)
    # A part may end with its headers.
    after, content = (end, end) if blank < 0 else (blank, blank + 2 * len(CRLF))
    if after - start > MOST_HEADER_BYTES:
        raise malformed(f"Part {number}: its headers do not end within {MOST_HEADER_BYTES} bytes.")
    return Part(number, _headers(number, body[start:after]), view[content:end])


def _headers(number: int, text: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in text.removesuffix(CRLF).split(CRLF) if text else ():
        found = _HEADER.fullmatch(line)
        if found is None:
            raise malformed(f"Part {number}: one of its headers is not of the form Name: value.")
        name = found[1].decode("ascii").lower()
        if name in headers:
            raise malformed(f"Part {number}: the header {name} is given more than once.")
        headers[name] = found[2].decode("latin-1").rstrip()
    return headers


def new_boundary() -> str:
    """Random, so that nobody can have put it into content."""
    return token_hex(16)


def opening(boundary: str, headers: Mapping[str, str]) -> bytes:
    """What comes before the content of a part. The CRLF at its begin ends the part before, if there is one."""
    lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in headers.items())]
    return CRLF + "\r\n".join(lines).encode("latin-1") + CRLF + CRLF


def closing(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode()


def malformed(message: str) -> BadRequestError:
    return BadRequestError("invalid_multipart", message)
