import time

import pytest

from core.xapi.errors import StatementError
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import EX, STATEMENT, put, refused_path, small, text

EXT = f'["{EX}/ext"]'


def with_extension(value: bytes) -> bytes:
    return text(small(result={"extensions": {f"{EX}/ext": "VALUE"}})).replace(b'"VALUE"', value)


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        (rb'"a\u0000b"', ""),
        (rb'{"a":["x","\u0000"]}', ".a[1]"),
        (rb'{"a\u0000":1}', ""),
        (rb'"\ud83d"', ""),
        (rb'"\ude00\ud83d"', ""),
        (rb'[{"\uDC00":1}]', "[0]"),
        (b'{"a":1,"a":2}', ".a"),
        (b'{"x":[{"a":1,"b":2,"a":1}]}', ".x[0].a"),
        (rb'{"a":1,"\u0061":2}', ".a"),
        (b'{"a":12,"a":1}', ".a"),
        (b'{"a":1,"a":12}', ".a"),
        (b'{ "b" : [1, 2] , "a" :\n{"x":1}, "a": {"x":1} }', ".a"),
        (b'{"":1,"":1}', '[""]'),
        (b"1e999", ""),
        (b"[0,-1e999]", "[1]"),
        (b"9" * 310, ""),
        (b'{"n":-' + b"9" * 5000 + b"}", ".n"),
    ],
)
def test_extensions__refused(value: bytes, inner: str) -> None:
    assert refused_path(with_extension(value)) == f"result.extensions{EXT}{inner}"


@pytest.mark.parametrize(
    "value",
    [
        rb'"\\u0000"',
        rb'"\ud83d\ude00"',
        b'{"a":{"a":1},"b":{"a":1}}',
        b'{"a":"\\"a\\":1"}',
        rb'{"\u0061":{"\"":1},"\\":1.10,"b":[],"":{}}',
        b"1E2",
        b"1e-999",
        b"12345678901234567890123",
        b'"' + b"9" * 400 + b'"',
        b"0." + b"9" * 400,
        b"[" * 80 + b"]" * 80,
    ],
)
def test_extensions__accepted_as_sent(value: bytes) -> None:
    body = with_extension(value)
    assert read_statement(body, Version.V1).text == body


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (b'"actor":', "actor"),
        (b'"mbox":', "actor.mbox"),
        (b'"en":', "verb.display.en"),
        (b'"scaled":', "result.score.scaled"),
        (b'"registration":', "context.registration"),
        (b'"parent":', "context.contextActivities.parent"),
        (b'"interactionType":', "object.definition.interactionType"),
        (b'"sha2":', "attachments[0].sha2"),
    ],
)
def test_duplicate_property(place: bytes, path: str) -> None:
    body = text(STATEMENT)
    start = body.index(place)
    assert refused_path(body[:start] + place + b"0," + body[start:]) == path


def test_duplicate_property__with_white_space() -> None:
    body = text(small()).replace(b'"verb"', b'"actor" : {} ,\n "verb"')
    assert refused_path(body) == "actor"


def test_depth__limit() -> None:
    nested = with_extension(b"[" * 10 + b"]" * 10)
    # Statement, result, extensions and ten arrays.
    assert read_statement(nested, Version.V1, max_depth=13).text == nested
    with pytest.raises(StatementError, match="deeper nesting"):
        read_statement(nested, Version.V1, max_depth=12)


def test_depth__brackets_in_strings_do_not_count() -> None:
    assert refused_path(with_extension(b'"' + b"[{" * 200 + rb"\"" + b'"')) is None


def test_depth__string_without_end() -> None:
    body = b'{"extensions":' + b"[" * 200 + b'"' + rb"\"" * 100_000
    started = time.process_time()
    assert refused_path(body) == ""
    assert time.process_time() - started < 1


def test_depth__hidden_name() -> None:
    body = with_extension(b"[" * 200 + b"]" * 200).replace(b"extensions", rb"e\u0078tensions")
    with pytest.raises(StatementError, match="deeper nesting"):
        read_statement(body, Version.V1)


@pytest.mark.parametrize("levels", range(900, 1000, 7))
def test_depth__where_nothing_nests(levels: int) -> None:
    name = b"[" * levels + b"]" * levels
    assert refused_path(text(small(actor={"name": "VALUE"})).replace(b'"VALUE"', name)) is not None


@pytest.mark.parametrize(
    "body", [b"\xff{}", text(small()) + b"\xc0", text(small(actor={"name": "N"})).replace(b"N", b"\xed\xa0\x80")]
)
def test_utf8(body: bytes) -> None:
    with pytest.raises(StatementError, match="UTF-8"):
        read_statement(body, Version.V1)


def test_utf8__byte_order_mark() -> None:
    with pytest.raises(StatementError, match="byte order mark"):
        read_statement(b"\xef\xbb\xbf" + text(small()), Version.V1)


@pytest.mark.parametrize(
    "value", [b"NaN", b"Infinity", b"-Infinity", b"01", b"+1", b"1.", b".5", b"0x1", b"'x'", b"nil"]
)
def test_malformed(value: bytes) -> None:
    with pytest.raises(StatementError, match="not JSON"):
        read_statement(with_extension(value), Version.V1)


def test_shown__short_and_harmless() -> None:
    with pytest.raises(StatementError) as caught:
        read_statement(text(put(("id",), "\u202e\x1b" + "x" * 5000)), Version.V1)
    assert len(caught.value.found) < 100
    assert caught.value.found.isprintable()
