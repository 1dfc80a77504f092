import pytest

from core.xapi.errors import StatementError
from core.xapi.values import members, read_members, whole_number


def test_read_members__fault_of_a_reader_is_not_an_unknown_property() -> None:
    def faulty(value: bytes) -> None:
        raise KeyError(value)

    with pytest.raises(KeyError):
        read_members({"a": b"1"}, {"a": faulty})


def test_members__white_space_and_escaped_names() -> None:
    found = members(b'{ "a" : [ 1.10 ] ,\t"\\u0062":{} , "c":"}" }')
    assert {name: bytes(value) for name, value in found.items()} == {"a": b"[ 1.10 ]", "b": b"{}", "c": b'"}"'}


@pytest.mark.parametrize(
    ("text", "number"), [(b"0", 0), (b"27.0", 27), (b"1e3", 1000), (b"9223372036854775807", 2**63 - 1)]
)
def test_whole_number(text: bytes, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", [b"-1", b"0.5", b'"1"', b"true", b"9223372036854775808", b"[]"])
def test_whole_number__refused(text: bytes) -> None:
    with pytest.raises(StatementError):
        whole_number(text)
