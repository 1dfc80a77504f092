"""The agents resource: a person, from all forms in which statements named the agent."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import refusal
from tests.harness.lrs import Lrs
from tests.harness.statements import make_statement


@pytest.fixture
def agent() -> dict[str, Any]:
    return {"account": {"homePage": "https://lms.example", "name": uuid4().hex}}


def get(client: httpx.Client, agent: dict[str, Any]) -> httpx.Response:
    return client.get("/agents", params={"agent": json.dumps(agent)})


def send(client: httpx.Client, *actors: dict[str, Any]) -> None:
    assert client.post("/statements", json=[make_statement(actor=actor) for actor in actors]).status_code == 200


def test_person__unknown_is_what_was_asked(school: httpx.Client, agent: dict[str, Any]) -> None:
    found = get(school, {**agent, "name": "Ada"})
    assert found.status_code == 200
    assert found.json() == {"objectType": "Person", "name": ["Ada"], "account": [agent["account"]]}


def test_person__each_name_once(school: httpx.Client, agent: dict[str, Any]) -> None:
    send(school, {**agent, "name": "Ada"}, {**agent, "name": "Augusta"}, {**agent, "name": "Ada"}, agent)
    found = get(school, agent).json()
    assert sorted(found.pop("name")) == ["Ada", "Augusta"]
    assert found == {"objectType": "Person", "account": [agent["account"]]}


@pytest.mark.parametrize(
    "identifier",
    [
        {"mbox": "mailto:{}@school.example"},
        {"mbox_sha1sum": "{}00000000"},
        {"openid": "https://id.example/{}"},
    ],
)
def test_person__by_every_kind_of_identifier(school: httpx.Client, identifier: dict[str, str]) -> None:
    agent = {name: value.format(uuid4().hex) for name, value in identifier.items()}
    send(school, {**agent, "name": "Ada"})
    expected = {name: [value] for name, value in agent.items()}
    assert get(school, agent).json() == {"objectType": "Person", "name": ["Ada"], **expected}


def test_person__a_group_lends_no_name(school: httpx.Client, agent: dict[str, Any]) -> None:
    send(school, {**agent, "objectType": "Group", "name": "Class 7"})
    assert "name" not in get(school, agent).json()


def test_head__and_etag(school: httpx.Client, agent: dict[str, Any]) -> None:
    got = get(school, agent)
    head = school.head("/agents", params={"agent": json.dumps(agent)})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", got.headers["etag"])


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"agent": "nonsense"},
        {"agent": "true"},
        {"agent": '{"objectType":"Agent","name":"nobody"}'},
        {"agent": '{"objectType":"Group","mbox":"mailto:class@school.example"}'},
        {"agent": '{"mbox":["mailto:a@school.example"]}'},
        {"agent": '{"mbox":"mailto:a@school.example"}', "unknown": "1"},
    ],
)
def test_parameters__refused(school: httpx.Client, query: dict[str, str]) -> None:
    assert school.get("/agents", params=query).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_method__only_reading(school: httpx.Client, agent: dict[str, Any], method: str) -> None:
    refused = school.request(method, "/agents", params={"agent": json.dumps(agent)})
    assert refusal(refused) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("scopes", "status"), [(["profile"], 200), (["statements/read"], 200), (["all/read"], 200), (["state"], 403)]
)
def test_scopes(lrs: Lrs, tenant: Tenant, agent: dict[str, Any], scopes: list[str], status: int) -> None:
    with lrs.client(tenant, scopes) as client:
        assert get(client, agent).status_code == status


def test_bound__to_its_actor(lrs: Lrs, tenant: Tenant, agent: dict[str, Any]) -> None:
    with lrs.client(tenant, ["profile"], bound_actor=agent) as client:
        assert get(client, agent).status_code == 200
        assert refusal(get(client, {"mbox": "mailto:other@school.example"})) == (403, "bound_actor")
