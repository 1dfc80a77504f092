import pytest
from starlette.datastructures import Headers

from lrs.preconditions import Preconditions

ETAG = "ab12"


@pytest.mark.parametrize(
    ("name", "value", "there", "absent"),
    [
        ("if-match", '"ab12"', True, False),
        ("if-match", 'W/"ab12"', True, False),
        ("if-match", "ab12", True, False),
        ("if-match", ' "x" ,"ab12"', True, False),
        ("if-match", '"ab1"', False, False),
        ("if-match", "*", True, False),
        ("if-match", "", False, False),
        ("if-none-match", '"ab12"', False, True),
        ("if-none-match", '"x", W/"ab12"', False, True),
        ("if-none-match", '"x"', True, True),
        ("if-none-match", "*", False, True),
    ],
)
def test_hold(name: str, value: str, there: bool, absent: bool) -> None:
    preconditions = Preconditions.parse(Headers({name: value}))
    assert not preconditions.are_missing
    assert preconditions.hold(ETAG) is there
    assert preconditions.hold(None) is absent


def test_hold__both_must() -> None:
    both = Preconditions.parse(Headers({"if-match": f'"{ETAG}"', "if-none-match": "*"}))
    assert not both.hold(ETAG)
    assert not both.hold(None)


def test_hold__a_header_on_several_lines() -> None:
    raw = [(b"if-match", b'"x"'), (b"if-match", b'"ab12"')]
    assert Preconditions.parse(Headers(raw=raw)).hold(ETAG)


def test_missing__holds_always() -> None:
    missing = Preconditions.parse(Headers({}))
    assert missing.are_missing
    assert missing.hold(ETAG)
    assert missing.hold(None)
