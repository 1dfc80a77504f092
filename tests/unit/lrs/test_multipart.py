import email.parser
import email.policy
import re
import string
import time
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrs.errors import BadRequestError, RequestError
from lrs.multipart import MOST_PARTS, Part, boundary_of, closing, opening, split

ALPHABET = string.ascii_letters + string.digits + "'()+_,-./:=?"
boundaries = st.text(ALPHABET, min_size=1, max_size=70)
pads = st.text(" \t", max_size=3).map(str.encode)
names = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20)
values = st.text(string.printable.translate({ord(char): None for char in "\r\n\v\f"}), max_size=30).map(str.strip)
headers = st.dictionaries(names, values, max_size=4).filter(
    lambda found: len({name.lower() for name in found}) == len(found)
)


def like_boundaries(boundary: str) -> st.SearchStrategy[bytes]:
    """Binary content in which the boundary stands, whole and cut, with line ends and dashes around it."""
    bits = [
        b"\r\n",
        b"\r",
        b"\n",
        b"-",
        b"--",
        b" ",
        boundary.encode(),
        boundary[:-1].encode(),
        f"--{boundary}".encode(),
    ]
    return st.lists(st.sampled_from(bits) | st.binary(max_size=10), max_size=12).map(b"".join)


def is_delimiter(boundary: str, content: bytes) -> bool:
    line = rb"(\A|\r\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(\r\n|\Z)"
    return bool(re.search(line, content))


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, list[tuple[dict[str, str], bytes]], bytes]:
    boundary = draw(boundaries)
    content = like_boundaries(boundary).filter(lambda found: not is_delimiter(boundary, found))
    parts = draw(st.lists(st.tuples(headers, content), min_size=1, max_size=4))
    preamble, epilogue = draw(content), draw(content)
    pieces = [preamble + b"\r\n" if preamble else b""]
    for head, data in parts:
        lines = "".join(f"{name}:{value}\r\n" for name, value in head.items()).encode()
        pieces.append(b"--" + boundary.encode() + draw(pads) + b"\r\n" + lines + b"\r\n" + data + b"\r\n")
    pieces.append(f"--{boundary}--".encode() + draw(pads) + (b"\r\n" + epilogue if epilogue else b""))
    return boundary, parts, b"".join(pieces)


def plain(parts: list[Part]) -> list[tuple[dict[str, str], bytes]]:
    return [(dict(part.headers), bytes(part.content)) for part in parts]


def attempt(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]] | None:
    """None if refused; any other error fails the test."""
    try:
        return plain(split(body, boundary.encode()))
    except BadRequestError:
        return None


@given(bodies())
def test_split__what_was_joined(made: tuple[str, list[tuple[dict[str, str], bytes]], bytes]) -> None:
    boundary, parts, body = made
    expected = [({name.lower(): value for name, value in head.items()}, data) for head, data in parts]
    assert plain(split(body, boundary.encode())) == expected


@given(bodies(), st.data())
def test_split__truncated_is_refused_or_whole(
    made: tuple[str, list[tuple[dict[str, str], bytes]], bytes], data: st.DataObject
) -> None:
    boundary, _, body = made
    whole = plain(split(body, boundary.encode()))
    cut = body[: data.draw(st.integers(0, len(body)))]
    assert attempt(cut, boundary) in (None, whole)


@given(boundaries.flatmap(lambda boundary: st.tuples(st.just(boundary), like_boundaries(boundary))))
def test_split__anything_is_split_or_clearly_refused(made: tuple[str, bytes]) -> None:
    boundary, body = made
    parts = attempt(body, boundary) or []
    assert all(not is_delimiter(boundary, content) for _, content in parts)


@given(boundaries, st.lists(st.tuples(headers, st.binary(max_size=50)), min_size=1, max_size=3))
def test_opening__the_standard_library_and_we_read_what_we_write(
    boundary: str, parts: list[tuple[dict[str, str], bytes]]
) -> None:
    assume(not any(is_delimiter(boundary, data) for _, data in parts))
    body = b"".join(opening(boundary, head) + data for head, data in parts) + closing(boundary)
    expected = [({name.lower(): value for name, value in head.items()}, data) for head, data in parts]
    assert plain(split(body, boundary.encode())) == expected


def test_opening__read_by_the_standard_library() -> None:
    body = opening("x", {"Content-Type": "image/png"}) + bytes(range(256)) + closing("x")
    head = b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    (part,) = message.iter_parts()
    assert part.get_payload(decode=True) == bytes(range(256))


@given(boundaries)
def test_boundary_of__quoted(boundary: str) -> None:
    assert boundary_of(f'multipart/mixed; charset=utf-8; boundary="{boundary}"') == boundary.encode()


@pytest.mark.parametrize("header", ["boundary=a-b_c", "BOUNDARY=a-b_c", ' boundary = "a-b_c"', "boundary=a-b_c; x=y"])
def test_boundary_of__bare(header: str) -> None:
    assert boundary_of(f"multipart/mixed;{header}") == b"a-b_c"


@given(st.text(max_size=90))
def test_boundary_of__anything_is_found_or_clearly_refused(text: str) -> None:
    with suppress(BadRequestError):
        assert 1 <= len(boundary_of(f"multipart/mixed; boundary={text}")) <= 70


def test_boundary_of__a_type_as_long_as_a_header_can_be() -> None:
    began = time.perf_counter()
    with pytest.raises(BadRequestError, match="boundary"):
        boundary_of(f'multipart/mixed; name="{";" * 65_000}')
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("boundary", ["", '""', '"a "', f'"{"a" * 71}"', '"a@b"', '"ä"', "a\r\nb", None])
def test_boundary_of__refused(boundary: str | None) -> None:
    with pytest.raises(BadRequestError, match="boundary"):
        boundary_of("multipart/mixed" if boundary is None else f"multipart/mixed; boundary={boundary}")


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"--x\r\n\r\n\r\n--x--", b""),
        (b"--x\r\nA: b\r\n\r\n--x--", b""),
        (b"--x\r\nA: b\r\n--x--", b""),
        (b"--x\r\nA: b\r\n\r\n\r\n--x--", b""),
        (b"--x\r\n\r\n\r\n\r\n--x--", b"\r\n"),
        (b"--x\r\n\r\na\r\r\n--x--", b"a\r"),
        (b"--x\r\n\r\na\n--x--\r\n\r\n--x--", b"a\n--x--\r\n"),
        (b"--x\r\n\r\na\r\n--xy\r\n--x--", b"a\r\n--xy"),
        (b"--x\r\n\r\na\r\n--x-\r\n--x--", b"a\r\n--x-"),
        (b"--x \t\r\n\r\na\r\n--x-- \t\r\nepilogue\r\n--x\r\n\r\n", b"a"),
        (b"preamble --x\r\n--x\r\n\r\na\r\n--x--", b"a"),
    ],
)
def test_split__one_part(body: bytes, content: bytes) -> None:
    (part,) = split(body, b"x")
    assert bytes(part.content) == content


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no line with the boundary"),
        (b"--x\n\na\n--x--\n", "no line with the boundary"),
        (b"--x\r\n\r\na", "ends within part 1"),
        (b"--x\r\n\r\na\r\n--x", "ends within part 1"),
        (b"--x\r\n\r\na\r\n--x\r\n\r\nb", "ends within part 2"),
        (b"--x\r\nno header\r\n\r\na\r\n--x--", "Part 1: one of its headers"),
        (b"--x\r\nA: b\r\n folded\r\n\r\na\r\n--x--", "Part 1: one of its headers"),
        (b"--x\r\nA: b\nC: d\r\n\r\na\r\n--x--", "Part 1: one of its headers"),
        (b"--x\r\nA: \0\r\n\r\na\r\n--x--", "Part 1: one of its headers"),
        (b"--x\r\nA: b\r\na: c\r\n\r\na\r\n--x--", "Part 1: the header a is given more than once"),
        (b"--x\r\n\r\na\r\n--x\r\nA: " + b"b" * 9000 + b"\r\n\r\na\r\n--x--", "Part 2: its headers do not end"),
        (b"--x\r\n--x--", "ends within part 1|one of its headers"),
    ],
)
def test_split__refused(body: bytes, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        split(body, b"x")


def test_split__most_parts() -> None:
    body = b"--x\r\n\r\n\r\n" * MOST_PARTS
    assert len(split(body + b"--x--", b"x")) == MOST_PARTS
    with pytest.raises(RequestError, match="1000 parts") as caught:
        split(body + b"--x\r\n\r\n\r\n--x--", b"x")
    assert caught.value.status == 413
