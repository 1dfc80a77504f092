import pytest

from core.xapi.errors import StatementError
from core.xapi.iris import check_iri
from core.xapi.parameters import agent_parameter
from core.xapi.uuids import check_uuid
from tests.unit.core.xapi.examples import AGENT, ANONYMOUS, GROUP, UUIDS, text


@pytest.mark.parametrize("agent", [AGENT, GROUP])
def test_agent_parameter(agent: dict[str, object]) -> None:
    assert agent_parameter(text(agent).decode().replace(",", " , ")).name == agent["name"]


@pytest.mark.parametrize(
    "value",
    [
        *("", "wrong", "[]", "{}", text(ANONYMOUS).decode(), '{"mbox":"x"}', '{"name":"\ud800"}', '{"a":' * 3000),
        *('{"mbox":"mailto:a@b.c","mbox":"mailto:a@b.c"}', r'{"mbox":"mailto:a@b.c","name":"\u0000"}'),
    ],
)
def test_agent_parameter__refused(value: str) -> None:
    with pytest.raises(StatementError):
        agent_parameter(value)


def test_check_iri__refused() -> None:
    for value in ("", "wrong", "not.an.iri.com/verb", "\ud800:x", "a:\0"):
        with pytest.raises(StatementError):
            check_iri(value)


def test_check_uuid() -> None:
    assert check_uuid(UUIDS[0].upper()) == UUIDS[0]


@pytest.mark.parametrize(
    "value", ["", "wrong", f"{{{UUIDS[0]}}}", UUIDS[0] + " ", "\ud800", UUIDS[0].replace("a", "é")]
)
def test_check_uuid__refused(value: str) -> None:
    with pytest.raises(StatementError):
        check_uuid(value)
