"""Activity state: of one activity and one learner, in a registration or outside of any."""

import json
from uuid import uuid4

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import STATE, Resource, new_activity, new_agent, new_resource, refusal
from tests.harness.lrs import V1, V2, Client, Lrs


@pytest.fixture
def state() -> Resource:
    return new_resource(STATE)


@pytest.mark.parametrize("version", [V1])
def test_put__1_0_3_overwrites_without_a_precondition(school: httpx.Client, state: Resource) -> None:
    for content in (b"first", b"second"):
        assert school.put(state.url(), content=content).status_code == 204
    assert school.get(state.url()).content == b"second"


@pytest.mark.parametrize("version", [V2])
def test_put__2_0_0_protects_what_is_there(school: httpx.Client, state: Resource) -> None:
    assert school.put(state.url(), content=b"first").status_code == 204
    refused = school.put(state.url(), content=b"second")
    assert refusal(refused) == (409, "conflict")
    assert "If-Match" in refused.json()["message"]
    assert school.get(state.url()).content == b"first"


def test_registration__is_part_of_the_context(school: httpx.Client, state: Resource) -> None:
    first, second = str(uuid4()), str(uuid4())
    contexts = [{}, {"registration": first}, {"registration": second}]
    for number, context in enumerate(contexts):
        assert school.put(STATE, params=state.one(**context), content=b"%d" % number).status_code == 204
    for number, context in enumerate(contexts):
        assert school.get(STATE, params=state.one(**context)).content == b"%d" % number
    assert school.get(STATE, params=state.one(registration=first.upper())).content == b"1"
    assert school.delete(STATE, params=state.one(registration=first)).status_code == 204
    remaining = [school.get(STATE, params=state.one(**context)).status_code for context in contexts]
    assert remaining == [200, 404, 200]


def test_many__without_a_registration_are_those_of_all(school: httpx.Client, state: Resource) -> None:
    registration = str(uuid4())
    for document_id, context in (("plain", {}), ("both", {}), ("both", {"registration": registration})):
        school.put(STATE, params=state.one(document_id, **context), content=b"x")
    assert school.get(STATE, params=state.context).json() == ["both", "plain"]
    inside = {**state.context, "registration": registration}
    assert school.get(STATE, params=inside).json() == ["both"]
    assert school.delete(STATE, params=inside).status_code == 204
    assert school.get(STATE, params=inside).json() == []
    assert school.get(STATE, params=state.context).json() == ["both", "plain"]


def test_delete_many__of_this_context_only(school: httpx.Client, state: Resource) -> None:
    other_activity = Resource(STATE, {**state.context, "activityId": new_activity()})
    other_agent = Resource(STATE, {**state.context, "agent": new_agent()})
    for resource in (state, other_activity, other_agent):
        for document_id in ("a", "b"):
            school.put(resource.url(document_id), content=b"x")
    school.put(STATE, params=state.one("c", registration=str(uuid4())), content=b"x")
    deleted = school.delete(STATE, params=state.context)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert school.get(STATE, params=state.context).json() == []
    assert school.get(STATE, params=other_activity.context).json() == ["a", "b"]
    assert school.get(STATE, params=other_agent.context).json() == ["a", "b"]


def test_delete_many__takes_no_since(school: httpx.Client, state: Resource) -> None:
    refused = school.delete(STATE, params={**state.context, "since": "2026-01-01T00:00:00Z"})
    assert refusal(refused) == (400, "unknown_parameter")


def test_agent__is_known_by_its_identifier(school: httpx.Client, state: Resource) -> None:
    school.put(state.url(), content=b"x")
    agent = json.loads(state.context["agent"])
    for form in ({**agent, "name": "Ada"}, {"objectType": "Agent", **agent}, {"objectType": "Group", **agent}):
        assert school.get(STATE, params=state.one(agent=json.dumps(form))).content == b"x"


@pytest.mark.parametrize(
    "agent",
    [
        {"account": {"homePage": "https://lms.example", "name": "7"}},
        {"openid": "https://id.example/ada"},
        {"mbox_sha1sum": "0" * 40},
    ],
)
def test_agent__by_every_kind_of_identifier(school: httpx.Client, agent: dict[str, object]) -> None:
    state = Resource(STATE, {"activityId": new_activity(), "agent": json.dumps(agent)})
    assert school.put(state.url(), content=b"x").status_code == 204
    assert school.get(state.url()).content == b"x"


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (["all"], (404, 204)),
        (["state"], (404, 204)),
        (["all/read"], (404, 403)),
        (["profile"], (403, 403)),
        (["statements/write", "statements/read"], (403, 403)),
    ],
)
def test_scopes(lrs: Lrs, tenant: Tenant, state: Resource, scopes: list[str], expected: tuple[int, int]) -> None:
    reads, writes = expected
    with lrs.client(tenant, scopes) as client:
        assert client.get(state.url()).status_code == reads
        assert client.put(state.url(), content=b"{}").status_code == writes
        assert client.post(state.url("other"), content=b"{}").status_code == writes
        assert client.delete(state.url()).status_code == writes
        assert client.delete(STATE, params=state.context).status_code == writes


def test_bound__to_its_actor(lrs: Lrs, tenant: Tenant, schools: dict[str, Client], state: Resource) -> None:
    own = json.loads(state.context["agent"])
    foreign = Resource(STATE, {**state.context, "agent": new_agent()})
    schools[V1].put(foreign.url(), content=b"foreign")
    with lrs.client(tenant, ["state", "all/read"], bound_actor=own) as client:
        assert client.put(state.url(), content=b"own").status_code == 204
        assert client.get(state.url()).content == b"own"
        for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
            assert client.request(method, foreign.url()).status_code == 403
            assert client.request(method, STATE, params=foreign.context).status_code in {400, 403}
    assert schools[V1].get(foreign.url()).content == b"foreign"


def test_bound__to_its_registration(lrs: Lrs, tenant: Tenant, schools: dict[str, Client], state: Resource) -> None:
    own, registration = json.loads(state.context["agent"]), uuid4()
    outside = state.one()
    elsewhere = state.one(registration=str(uuid4()))
    for params in (outside, elsewhere):
        schools[V1].put(STATE, params=params, content=b"kept")
    with lrs.client(tenant, ["state"], bound_actor=own, bound_registration=registration) as client:
        assert client.put(STATE, params=state.one(registration=str(registration)), content=b"x").status_code == 204
        for params in (outside, elsewhere):
            for method in ("GET", "PUT", "POST", "DELETE"):
                assert refusal(client.request(method, STATE, params=params)) == (403, "bound_registration")
        assert refusal(client.delete(STATE, params=state.context)) == (403, "bound_registration")
    for params in (outside, elsewhere):
        assert schools[V1].get(STATE, params=params).content == b"kept"
