"""What was read about learners is kept by no cache that others use, and asked for again each time."""

import httpx
import pytest

from tests.conformance.resources import PATHS, new_activity, new_agent, new_resource
from tests.harness.statements import make_statement

PRIVATE = "private, no-cache"
MISSING = make_statement()["id"]
READS: list[tuple[str, dict[str, str], int]] = [
    ("/statements", {}, 200),
    ("/statements", {"limit": "1"}, 200),
    ("/statements", {"attachments": "true"}, 200),
    ("/statements", {"statementId": MISSING}, 404),
    ("/statements", {"since": "yesterday"}, 400),
    ("/agents", {"agent": new_agent()}, 200),
    ("/activities", {"activityId": new_activity()}, 200),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("path", "parameters", "status"), READS)
def test_read__is_private(
    school: httpx.Client, method: str, path: str, parameters: dict[str, str], status: int
) -> None:
    answer = school.request(method, path, params=parameters)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, PRIVATE)


def test_read__one_statement_and_the_next_page(school: httpx.Client) -> None:
    statements = [make_statement() for _ in range(2)]
    school.post("/statements", json=statements)
    one = school.get("/statements", params={"statementId": statements[0]["id"]})
    more = school.get("/statements", params={"limit": 1}).json()["more"].removeprefix("/xAPI")
    assert [one.headers["cache-control"], school.get(more).headers["cache-control"]] == [PRIVATE, PRIVATE]


@pytest.mark.parametrize("path", PATHS)
def test_read__documents(school: httpx.Client, path: str) -> None:
    resource = new_resource(path)
    assert school.get(resource.url()).headers["cache-control"] == PRIVATE
    school.put(resource.url(), content=b"7", headers={"If-None-Match": "*"})
    for answer in (school.get(resource.url()), school.get(path, params=resource.context)):
        assert (answer.status_code, answer.headers["cache-control"]) == (200, PRIVATE)
    unchanged = school.get(resource.url(), headers={"If-None-Match": "*"})
    assert (unchanged.status_code, unchanged.headers["cache-control"]) == (304, PRIVATE)


def test_read__about_is_for_all(school: httpx.Client) -> None:
    assert "cache-control" not in school.get("/about").headers
