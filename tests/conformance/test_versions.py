"""The version header: what is taken, and what is answered."""

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import refusal
from tests.harness.lrs import Client, Lrs

PATHS = ["/statements", "/activities/state", "/activities/profile", "/activities", "/agents/profile", "/agents"]
ACTIVITY = {"activityId": "https://lms.example/1"}


@pytest.fixture
def client(schools: dict[str, Client]) -> Client:
    return schools["1.0.3"]


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ("1.0", "1.0.3"),
        ("1.0.0", "1.0.3"),
        ("1.0.3", "1.0.3"),
        ("1.0.17", "1.0.3"),
        ("2.0", "2.0.0"),
        ("2.0.0", "2.0.0"),
        ("2.0.4", "2.0.0"),
    ],
)
def test_version__taken(client: httpx.Client, given: str, answered: str) -> None:
    found = client.get("/activities", params=ACTIVITY, headers={"X-Experience-API-Version": given})
    assert (found.status_code, found.headers["x-experience-api-version"]) == (200, answered)


@pytest.mark.parametrize("given", ["0.8", "0.9", "0.95", "1.1", "1.1.0", "2.1.0", "3.0.0", "1", "", "BAD", "1.00"])
def test_version__refused(client: httpx.Client, given: str) -> None:
    refused = client.get("/activities", params=ACTIVITY, headers={"X-Experience-API-Version": given})
    assert refusal(refused) == (400, "version")
    assert refused.headers["x-experience-api-version"] == "1.0.3"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_version__missing(lrs: Lrs, client: Client, path: str, method: str) -> None:
    refused = httpx.request(method, f"{lrs.url}/xAPI{path}", auth=client.credentials)
    assert refusal(refused) == (400, "version")
    assert refused.headers["x-experience-api-version"] == "1.0.3"


def test_version__in_every_answer(lrs: Lrs, tenant: Tenant, version: str) -> None:
    headers = {"X-Experience-API-Version": version}
    without_credential = httpx.get(f"{lrs.url}/xAPI/statements", headers=headers)
    assert without_credential.status_code == 401
    with lrs.client(tenant, ["statements/write"], version) as client:
        forbidden = client.get("/agents", params={"agent": '{"mbox":"mailto:a@b.example"}'})
        not_allowed = client.patch("/agents")
    assert [forbidden.status_code, not_allowed.status_code] == [403, 405]
    for answer in (without_credential, forbidden, not_allowed):
        assert answer.headers["x-experience-api-version"] == version


@pytest.mark.parametrize("status", [200, 400, 404])
def test_consistent_through__in_every_answer_to_reading(client: Client, status: int) -> None:
    query = {
        200: {"limit": "1"},
        400: {"nonsense": "1"},
        404: {"statementId": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"},
    }[status]
    found = client.get("/statements", params=query)
    assert found.status_code == status
    assert found.headers["x-experience-api-consistent-through"].endswith("Z")
