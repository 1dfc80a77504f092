"""The activities resource: an activity with everything that statements said of it."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from core.tenants import Tenant
from tests.conformance.resources import new_activity, refusal
from tests.harness.lrs import Lrs
from tests.harness.statements import make_statement


def send(client: httpx.Client, *activities: Mapping[str, Any]) -> None:
    answer = client.post("/statements", json=[make_statement(object=activity) for activity in activities])
    assert answer.status_code == 200, answer.text


def get(client: httpx.Client, iri: str) -> httpx.Response:
    return client.get("/activities", params={"activityId": iri})


def test_activity__unknown_has_its_id(school: httpx.Client) -> None:
    iri = new_activity()
    found = get(school, iri)
    assert (found.status_code, found.json()) == (200, {"objectType": "Activity", "id": iri})


def test_activity__complete(school: httpx.Client) -> None:
    definition = {
        "type": "http://adlnet.gov/expapi/activities/lesson",
        "name": {"en": "Photosynthesis"},
        "description": {"en": "How leaves eat light."},
        "moreInfo": "https://lms.example/more",
        "extensions": {"https://lms.example/level": 1.5},
    }
    iri = new_activity()
    activity = {"objectType": "Activity", "id": iri, "definition": definition}
    send(school, activity)
    assert get(school, iri).json() == activity


def test_activity__languages_and_extensions_of_all_statements(school: httpx.Client) -> None:
    iri = new_activity()
    send(
        school,
        {"id": iri, "definition": {"name": {"en": "Leaves"}, "extensions": {"https://x.example/a": 1}}},
        {"id": iri, "definition": {"name": {"de": "Blätter"}, "extensions": {"https://x.example/b": 2}}},
        {"id": iri},
    )
    assert get(school, iri).json()["definition"] == {
        "name": {"en": "Leaves", "de": "Blätter"},
        "extensions": {"https://x.example/a": 1, "https://x.example/b": 2},
    }


def test_activity__the_last_word_counts(school: httpx.Client) -> None:
    iri = new_activity()
    for name in ("First", "Second"):
        send(school, {"id": iri, "definition": {"name": {"en": name}}})
    assert get(school, iri).json()["definition"]["name"] == {"en": "Second"}


def test_head__and_etag(school: httpx.Client) -> None:
    iri = new_activity()
    head = school.head("/activities", params={"activityId": iri})
    assert (head.status_code, head.content) == (200, b"")
    same = school.get("/activities", params={"activityId": iri}, headers={"If-None-Match": head.headers["etag"]})
    assert same.status_code == 304


@pytest.mark.parametrize(
    "query", [{}, {"activityId": "true"}, {"activityId": "no iri"}, {"activityId": "https://a.example", "since": "1"}]
)
def test_parameters__refused(school: httpx.Client, query: dict[str, str]) -> None:
    assert school.get("/activities", params=query).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_method__only_reading(school: httpx.Client, method: str) -> None:
    refused = school.request(method, "/activities", params={"activityId": new_activity()})
    assert refusal(refused) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(["define"], 200), (["statements/read/mine"], 200), (["all/read"], 200), (["statements/write"], 403)],
)
def test_scopes(lrs: Lrs, tenant: Tenant, scopes: list[str], status: int) -> None:
    with lrs.client(tenant, scopes) as client:
        assert get(client, new_activity()).status_code == status
