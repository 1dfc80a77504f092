"""The about resource: open to everybody."""

import httpx
import pytest

from tests.conformance.resources import refusal
from tests.harness.lrs import Lrs


@pytest.fixture
def url(lrs: Lrs) -> str:
    return f"{lrs.url}/xAPI/about"


def test_about__versions_and_nothing_beyond_the_specification(url: str) -> None:
    found = httpx.get(url)
    assert found.status_code == 200
    about = found.json()
    assert about["version"] == ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"]
    assert set(about) == {"version", "extensions"}
    assert about["extensions"]["urn:lyceum:product"]["name"] == "Lyceum"


@pytest.mark.parametrize("version", ["0.95", "1.0.3", "2.0.0", "nonsense", ""])
def test_about__whatever_the_version_header(url: str, version: str) -> None:
    found = httpx.get(url, headers={"X-Experience-API-Version": version})
    assert found.status_code == 200
    assert found.headers["x-experience-api-version"] in {"1.0.3", "2.0.0"}


def test_about__whatever_the_credential(url: str) -> None:
    assert httpx.get(url, headers={"Authorization": "Basic nonsense"}).status_code == 200


def test_about__head(url: str) -> None:
    found = httpx.head(url)
    assert (found.status_code, found.content) == (200, b"")


def test_about__lower_case_path(lrs: Lrs) -> None:
    assert httpx.get(f"{lrs.url}/xapi/about").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_about__only_reading(url: str, method: str) -> None:
    assert refusal(httpx.request(method, url)) == (405, "method_not_allowed")


def test_about__no_parameters(url: str) -> None:
    assert refusal(httpx.get(f"{url}?a=1")) == (400, "unknown_parameter")


@pytest.mark.parametrize("path", ["/xAPI", "/xAPI/statement", "/statements", "/xapi/activities/states", "/health"])
def test_path__that_leads_nowhere_names_those_that_do(lrs: Lrs, path: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{lrs.url}{path}")
        assert refusal(answer) == (404, "unknown_path")
        assert "/statements, " in answer.json()["message"]
