"""The agent profile: documents about a person."""

import json

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import AGENT_PROFILE, NEW, Resource, new_agent, new_resource, refusal
from tests.harness.lrs import V1, V2, Client, Lrs


@pytest.fixture
def profile() -> Resource:
    return new_resource(AGENT_PROFILE)


@pytest.mark.parametrize("version", [V1])
def test_put__1_0_3_wants_a_precondition_always(school: httpx.Client, profile: Resource) -> None:
    assert refusal(school.put(profile.url(), content=b"x")) == (400, "missing_precondition")
    assert school.get(profile.url()).status_code == 404


@pytest.mark.parametrize("version", [V2])
def test_put__2_0_0_wants_a_precondition_where_something_is(school: httpx.Client, profile: Resource) -> None:
    assert school.put(profile.url(), content=b"x").status_code == 204


def test_put__over_what_is_there(school: httpx.Client, profile: Resource) -> None:
    school.put(profile.url(), content=b"x", headers=NEW)
    refused = school.put(profile.url(), content=b"y")
    assert refusal(refused) == (409, "conflict")
    assert "If-Match" in refused.json()["message"]
    assert school.get(profile.url()).content == b"x"


def test_post__needs_no_precondition(school: httpx.Client, profile: Resource) -> None:
    for _ in range(2):
        assert school.post(profile.url(), json={"a": 1}).status_code == 204


def test_delete__one_at_a_time(school: httpx.Client, profile: Resource) -> None:
    school.put(profile.url(), content=b"x", headers=NEW)
    refused = school.delete(AGENT_PROFILE, params=profile.context)
    assert refusal(refused) == (400, "missing_parameter")
    assert school.get(profile.url()).content == b"x"


def test_agent__profiles_are_apart_from_state_and_activity_profiles(school: httpx.Client, profile: Resource) -> None:
    school.put(profile.url(), content=b"x", headers=NEW)
    other = Resource(AGENT_PROFILE, {"agent": new_agent()})
    assert school.get(other.url()).status_code == 404
    state = {"activityId": "https://lms.example/1", "stateId": "bookmark", **profile.context}
    assert school.get("/activities/state", params=state).status_code == 404


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [(["all"], (404, 204)), (["profile"], (404, 204)), (["all/read"], (404, 403)), (["state"], (403, 403))],
)
def test_scopes(lrs: Lrs, tenant: Tenant, profile: Resource, scopes: list[str], expected: tuple[int, int]) -> None:
    reads, writes = expected
    with lrs.client(tenant, scopes) as client:
        assert client.get(profile.url()).status_code == reads
        assert client.get(AGENT_PROFILE, params=profile.context).status_code == (200 if reads == 404 else 403)
        assert client.put(profile.url(), content=b"{}", headers=NEW).status_code == writes
        assert client.post(profile.url("other"), content=b"{}").status_code == writes
        assert client.delete(profile.url()).status_code == writes


def test_bound__to_its_actor(lrs: Lrs, tenant: Tenant, schools: dict[str, Client], profile: Resource) -> None:
    foreign = new_resource(AGENT_PROFILE)
    schools[V1].put(foreign.url(), content=b"foreign", headers=NEW)
    with lrs.client(tenant, ["profile"], bound_actor=json.loads(profile.context["agent"])) as client:
        assert client.put(profile.url(), content=b"own", headers=NEW).status_code == 204
        for method in ("GET", "PUT", "POST", "DELETE"):
            assert refusal(client.request(method, foreign.url(), headers=NEW)) == (403, "bound_actor")
        assert client.get(AGENT_PROFILE, params=foreign.context).status_code == 403
    assert schools[V1].get(foreign.url()).content == b"foreign"
