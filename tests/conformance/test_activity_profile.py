"""The activity profile: documents about an activity, which all its learners share."""

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import ACTIVITY_PROFILE, NEW, Resource, new_resource, refusal
from tests.harness.lrs import V1, V2, Client, Lrs


@pytest.fixture
def profile() -> Resource:
    return new_resource(ACTIVITY_PROFILE)


@pytest.mark.parametrize("version", [V1])
def test_put__1_0_3_wants_a_precondition_always(school: httpx.Client, profile: Resource) -> None:
    assert refusal(school.put(profile.url(), content=b"x")) == (400, "missing_precondition")
    assert school.get(profile.url()).status_code == 404


@pytest.mark.parametrize("version", [V2])
def test_put__2_0_0_wants_a_precondition_where_something_is(school: httpx.Client, profile: Resource) -> None:
    assert school.put(profile.url(), content=b"x").status_code == 204


def test_put__over_what_is_there(school: httpx.Client, profile: Resource) -> None:
    school.put(profile.url(), content=b"x", headers=NEW)
    assert refusal(school.put(profile.url(), content=b"y")) == (409, "conflict")
    assert school.get(profile.url()).content == b"x"


def test_delete__one_at_a_time(school: httpx.Client, profile: Resource) -> None:
    school.put(profile.url(), content=b"x", headers=NEW)
    refused = school.delete(ACTIVITY_PROFILE, params=profile.context)
    assert refusal(refused) == (400, "missing_parameter")
    assert school.get(profile.url()).content == b"x"


def test_activity__as_written(school: httpx.Client, profile: Resource) -> None:
    """IRIs are compared letter for letter."""
    school.put(profile.url(), content=b"x", headers=NEW)
    louder = profile.context["activityId"].upper()
    assert school.get(ACTIVITY_PROFILE, params=profile.one(activityId=louder)).status_code == 404


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [(["all"], (404, 204)), (["profile"], (404, 204)), (["all/read"], (404, 403)), (["state"], (403, 403))],
)
def test_scopes(lrs: Lrs, tenant: Tenant, profile: Resource, scopes: list[str], expected: tuple[int, int]) -> None:
    reads, writes = expected
    with lrs.client(tenant, scopes) as client:
        assert client.get(profile.url()).status_code == reads
        assert client.put(profile.url(), content=b"{}", headers=NEW).status_code == writes
        assert client.post(profile.url("other"), content=b"{}").status_code == writes
        assert client.delete(profile.url()).status_code == writes


def test_bound__may_read_and_not_change(
    lrs: Lrs, tenant: Tenant, schools: dict[str, Client], profile: Resource
) -> None:
    schools[V1].put(profile.url(), content=b"shared", headers=NEW)
    with lrs.client(tenant, ["profile"], bound_actor={"mbox": "mailto:ada@school.example"}) as client:
        assert client.get(profile.url()).content == b"shared"
        for method in ("PUT", "POST", "DELETE"):
            refused = client.request(method, profile.url(), headers={"If-Match": "*"})
            assert refusal(refused) == (403, "bound_actor")
    assert schools[V1].get(profile.url()).content == b"shared"
