import pytest

from core.xapi.batches import read_batch, split_batch
from core.xapi.errors import StatementError
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import SMALL, STATEMENT, UUIDS, put, small, text


def refused(body: bytes) -> str:
    with pytest.raises(StatementError) as caught:
        read_batch(body, Version.V1)
    return caught.value.path


def test_read_batch__array() -> None:
    batch = read_batch(text([small(id=UUIDS[0]), small(id=UUIDS[1]), SMALL, SMALL]), Version.V1)
    assert [each.id for each in batch.statements] == [UUIDS[0], UUIDS[1], None, None]
    assert batch.is_array


def test_read_batch__single() -> None:
    batch = read_batch(b" " + text(SMALL), Version.V1)
    assert len(batch.statements) == 1
    assert not batch.is_array


def test_read_batch__empty_array() -> None:
    assert read_batch(b" [ ] ", Version.V1).statements == []


def test_read_batch__path_names_the_statement() -> None:
    broken = put(("result", "score", "scaled"), 17)
    assert refused(text([SMALL, SMALL, SMALL, broken])) == "statements[3].result.score.scaled"
    assert refused(text(broken)) == "statement.result.score.scaled"


def test_read_batch__message() -> None:
    with pytest.raises(StatementError) as caught:
        read_batch(text([put(("result", "score", "scaled"), 17)]), Version.V1)
    assert str(caught.value) == "statements[0].result.score.scaled: found 17. Allowed: a number from -1 to 1."


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "statement"),
        (b"{", "statement"),
        (b"null", "statement"),
        (b'"x"', "statement"),
        (b"[", "statements"),
        (b"[{}", "statements"),
        (b"[1]", "statements[0]"),
        (b"[{}] x", "statements"),
        (b"[NaN]", "statements"),
        (b'[{"a":1,}]', "statements"),
        (b"[[]]", "statements[0]"),
        (b"[" * 5000, "statements"),
        (b'{"a":' * 5000, "statement"),
        (b'["\xff"]', "statements"),
        (b"\xef\xbb\xbf[]", "statement"),
        (rb'[{"actor":{"name":"\ud800"}}]', "statements[0].actor.name"),
        (b"[" * 700 + b"]" * 699 + rb',"\ud800"]', "statements"),
    ],
)
def test_read_batch__not_json(body: bytes, path: str) -> None:
    assert refused(body) == path


def test_read_batch__same_id_twice() -> None:
    assert refused(text([small(id=UUIDS[0]), SMALL, small(id=UUIDS[0].upper())])) == "statements[2].id"


def test_split_batch__texts_as_sent() -> None:
    assert split_batch(b'[ {"a": 1.10} ,{"b":1E2}]') == [b'{"a": 1.10}', b'{"b":1E2}']


def test_read_batch__number_notation_and_order_stay() -> None:
    body = text(STATEMENT).replace(b'"scaled":0.5', b'"scaled":5.0E-1').replace(b'"raw":5', b'"raw":5.00')
    batch = read_batch(body, Version.V1)
    assert batch.statements[0].text == body


def test_read_batch__white_space_goes() -> None:
    body = text(SMALL)
    assert read_batch(body.replace(b",", b" ,\r\n\t"), Version.V1).statements[0].text == body
