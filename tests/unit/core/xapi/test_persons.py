from core.xapi.agents import actor
from core.xapi.persons import person
from tests.unit.core.xapi.examples import ACCOUNT, AGENT, text


def test_person__all_that_is_known() -> None:
    others = [{**AGENT, "name": "Ana B."}, ACCOUNT, {"name": "Ana", **ACCOUNT}]
    assert person(actor(text(each)) for each in [AGENT, *others]) == {
        "objectType": "Person",
        "name": ["Ana", "Ana B."],
        "mbox": [AGENT["mbox"]],
        "account": [ACCOUNT["account"]],
    }


def test_person__one_identifier() -> None:
    found = person([actor(b'{"openid":"https://example.org/ana"}')])
    assert found == {"objectType": "Person", "openid": ["https://example.org/ana"]}


def test_person__what_is_remembered_stays() -> None:
    person([actor(text(ACCOUNT))])["account"][0]["name"] = "other"
    assert person([actor(text(ACCOUNT))])["account"] == [ACCOUNT["account"]]
