"""Files cut into statements. What is cut must be exactly what a parser of the whole file finds."""

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from lrs.bulk import source as source_module
from lrs.bulk.pieces import Piece, Place, read_pieces
from lrs.bulk.source import open_source

MOST = 1 << 20

texts = st.text(st.sampled_from('ab"\\[]{},:\n é'), max_size=8)
trees: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
chunk_sizes = st.sampled_from([1, 2, 3, 7, 64, 1 << 16])


def read(
    path: Path, place: Place | None = None, *, most: int = MOST, chunk_bytes: int = source_module.CHUNK_BYTES
) -> list[Piece]:
    with open_source(path, chunk_bytes) as source:
        return list(read_pieces(source, place, most))


def pieces(tmp_path: Path, content: bytes, **options: Any) -> list[Piece]:
    path = tmp_path / "statements"
    path.write_bytes(content)
    return read(path, **options)


def texts_of(found: list[Piece]) -> list[bytes | None]:
    return [piece.text for piece in found]


def check_against(content: bytes, elements: list[Any], chunk_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statements"
        path.write_bytes(content)
        found = read(path, chunk_bytes=chunk_bytes)
        assert [json.loads(piece.text or b"?") for piece in found] == elements
        for number, piece in enumerate(found):
            assert (piece.position, piece.fault) == (number, None)
            assert content[piece.offset :].startswith(piece.text or b"?")
            assert piece.line == 1 + content[: piece.offset].count(b"\n")
        if found:
            middle = len(found) // 2
            assert read(path, found[middle].following, chunk_bytes=chunk_bytes) == found[middle + 1 :]


@given(st.lists(trees, max_size=6), st.sampled_from([None, 2]), st.booleans(), chunk_sizes)
def test_array__any_elements_layout_and_chunks(
    elements: list[Any], indent: int | None, is_ascii: bool, chunk_bytes: int
) -> None:
    content = json.dumps(elements, indent=indent, ensure_ascii=is_ascii).encode() + b" \n"
    check_against(content, elements, chunk_bytes)


@given(
    st.lists(st.dictionaries(texts, trees, min_size=1, max_size=3), max_size=6),
    st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n\t\n"]),
    st.booleans(),
    chunk_sizes,
)
def test_lines__any_objects_line_ends_and_chunks(
    objects: list[Any], line_end: bytes, ends: bool, chunk_bytes: int
) -> None:
    content = line_end.join(json.dumps(each).encode() for each in objects) + (line_end if ends else b"")
    check_against(content, objects, chunk_bytes)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("blank", [b"", b" \r\n\n"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a":1}\n{"b":2}', [b'{"a":1}', b'{"b":2}']),
        (b'[{"a":1},{"b":2}]', [b'{"a":1}', b'{"b":2}']),
        (b"[]", []),
        (b"[ \n ]\n", []),
        (b"", []),
    ],
)
def test_read__byte_order_mark_and_blanks_before(
    tmp_path: Path, mark: bytes, blank: bytes, content: bytes, expected: list[bytes]
) -> None:
    whole = mark + blank + content
    found = pieces(tmp_path, whole)
    assert texts_of(found) == expected
    assert [whole[piece.offset :].startswith(piece.text or b"?") for piece in found] == [True] * len(expected)
    assert [piece.line for piece in found[:1]] == [1 + blank.count(b"\n")] * len(found[:1])


@pytest.mark.parametrize(
    ("content", "texts", "faults"),
    [
        (b'[{"a":1},{"b":2}', [b'{"a":1}', b'{"b":2}'], [None, "truncated"]),
        (b'[{"a":1},', [b'{"a":1}', b""], [None, "truncated"]),
        (b'[{"a":1},{"b', [b'{"a":1}', b'{"b'], [None, "truncated"]),
        (b"[", [b""], ["truncated"]),
        (b'[{"a":1}] {"b":2}', [b'{"a":1}', b'{"b":2}'], [None, "after_end"]),
        (b"[]]", [b"]"], ["after_end"]),
        (b"[1,,2]", [b"1", b"", b"2"], [None] * 3),
        (b"[1,]", [b"1", b""], [None] * 2),
        (b"[,]", [b"", b""], [None] * 2),
        (b'[{"a":1}{"b":2}]', [b'{"a":1}{"b":2}'], [None]),
    ],
)
def test_array__what_is_wrong_around_its_elements(
    tmp_path: Path, content: bytes, texts: list[bytes], faults: list[str | None]
) -> None:
    found = pieces(tmp_path, content)
    assert texts_of(found) == texts
    assert [piece.fault for piece in found] == faults


@pytest.mark.parametrize(
    "broken", [b'{"a":[1}', b'{"a":1}}', b'{"a":{"b":[[1}}', b'{"a":1]}', b'{"a" "b"}', b"nonsense"]
)
@pytest.mark.parametrize("chunk_bytes", [1, 1 << 16])
def test_array__a_broken_element_spoils_no_other(tmp_path: Path, broken: bytes, chunk_bytes: int) -> None:
    found = pieces(tmp_path, b'[{"x":1},%s,{"y":2}]' % broken, chunk_bytes=chunk_bytes)
    assert texts_of(found) == [b'{"x":1}', broken, b'{"y":2}']


def test_array__without_a_quote_or_bracket_the_rest_is_one_piece_and_not_lost(tmp_path: Path) -> None:
    for rest in (b'{"a:1},{"y":2}]', b'{"a":{"b":1},{"y":2}]'):
        found = pieces(tmp_path, b'[{"x":1},' + rest)
        assert texts_of(found) == [b'{"x":1}', rest]
        assert found[-1].fault == "truncated"


@pytest.mark.parametrize("chunk_bytes", [7, 1 << 16])
def test_read__what_is_too_large_is_stepped_over(tmp_path: Path, chunk_bytes: int) -> None:
    large = b'{"a":"' + b"\n," * 100 + b'x"}'
    found = pieces(tmp_path, b'[{"x":1},%s,\n{"y":2}]' % large, most=150, chunk_bytes=chunk_bytes)
    assert texts_of(found) == [b'{"x":1}', None, b'{"y":2}']
    assert [piece.fault for piece in found] == [None, "too_large", None]
    assert [piece.line for piece in found] == [1, 1, 102]
    long_line = b'{"a":"' + b"x" * 200 + b'"}'
    found = pieces(tmp_path, b'{"x":1}\n%s\n{"y":2}\n' % long_line, most=150, chunk_bytes=chunk_bytes)
    assert [(piece.fault, piece.line) for piece in found] == [(None, 1), ("too_large", 2), (None, 3)]


@pytest.mark.parametrize("content", [b'{"a":1}\n{"b":2}\n', b'[{"a":1},{"b":2}]'])
def test_read__gzip_of_several_parts(tmp_path: Path, content: bytes) -> None:
    packed = gzip.compress(content[:9]) + gzip.compress(content[9:])
    found = pieces(tmp_path, packed)
    assert texts_of(found) == [b'{"a":1}', b'{"b":2}']
    assert read(tmp_path / "statements", found[0].following) == found[1:]


@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_read__damaged_gzip_gives_what_it_has_and_says_so(tmp_path: Path, damage: str) -> None:
    lines = [b'{"a":%d}' % number for number in range(10_000)]
    packed = gzip.compress(b"\n".join(lines))
    broken = packed[:-2000] + (b"" if damage == "cut off" else b"\0" * 2000)
    found = pieces(tmp_path, broken)
    assert texts_of(found)[:8000] == lines[:8000]
    assert [piece.fault for piece in found if piece.fault] == ["damaged"]
    assert found[-1].fault == "damaged"


def test_read__utf_16_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="UTF-16"):
        pieces(tmp_path, '[{"a":1}]'.encode("utf-16"))
