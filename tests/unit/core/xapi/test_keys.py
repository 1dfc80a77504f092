from collections.abc import Mapping

import pytest

from core.xapi.agents import actor
from core.xapi.keys import activity_id_key, activity_key, agent_key, verb_id_key, verb_key
from tests.unit.core.xapi.examples import ACCOUNT, AGENT, ANONYMOUS, EX, GROUP, read, small, text


def key(agent: Mapping[str, object], tenant_id: int = 1) -> bytes:
    return agent_key(tenant_id, actor(text(agent)))


def test_agent_key__what_identifies_counts() -> None:
    assert key(AGENT) == key({"mbox": AGENT["mbox"]}) == key({**AGENT, "name": "Other"})
    assert key(AGENT) == key({"objectType": "Group", "mbox": AGENT["mbox"], "member": [ACCOUNT]})
    assert len(key(AGENT)) == 16


def test_agent_key__stays_what_it_is() -> None:
    # Stored rows depend on it.
    assert key(AGENT).hex() == "05b60955a075f6b2db72d8f689b3a9fe"
    assert key(ACCOUNT).hex() == "ef349ba0c413faf6f1dc67402475aca5"
    assert key(ANONYMOUS).hex() == "c9934276a308fc7446ebfcd5d98fd418"
    assert activity_id_key(1, f"{EX}/unit").hex() == "496c5d59ef88d598791aa04e9b582e61"
    assert verb_id_key(1, f"{EX}/did").hex() == "71473e9f18e41f039f5c913e5cfb5458"


@pytest.mark.parametrize(
    "other",
    [
        {"mbox": "mailto:Ana@example.org"},
        {"mbox": "mailto:ana@EXAMPLE.org"},
        {"openid": "mailto:ana@example.org"},
        {"objectType": "Group", "member": [AGENT]},
    ],
)
def test_agent_key__different(other: dict[str, object]) -> None:
    assert key(AGENT) != key(other)


def test_agent_key__account_parts_do_not_run_together() -> None:
    pairs = [("https://a.b/", "c"), ("https://a.b", "/c"), ("https://a.b", '/","c'), ("https://a.b/%22,%22", "c")]
    keys = {key({"account": {"homePage": home, "name": name}}) for home, name in pairs}
    assert len(keys) == len(pairs)


def test_agent_key__anonymous_group_has_no_order() -> None:
    reordered = {"objectType": "Group", "name": "X", "member": [ACCOUNT, AGENT, ACCOUNT]}
    assert key(ANONYMOUS) == key(reordered)
    assert key(ANONYMOUS) != key({"objectType": "Group", "member": [AGENT]})
    assert key(ANONYMOUS) != key(GROUP)


def test_keys__of_other_tenants() -> None:
    assert key(AGENT, 1) != key(AGENT, 11)
    assert activity_id_key(1, EX) != activity_id_key(2, EX)


def test_keys__by_kind() -> None:
    statement = read(small(verb={"id": EX}, object={"id": EX, "definition": {}}))
    assert verb_key(1, statement.verb) == verb_id_key(1, EX)
    assert activity_key(1, statement.object) == activity_id_key(1, EX)  # type: ignore[arg-type]
    assert len({verb_id_key(1, EX), activity_id_key(1, EX), key({"openid": EX})}) == 3
