"""Browsers on other sites: each tenant has its list of origins."""

from collections.abc import Iterator

import httpx
import pytest
from psycopg.types.json import Jsonb

from core.tenants import set_tenant_active, update_tenant, with_origins
from tests.harness.lrs import Client, Lrs

OURS, THEIRS, CLOSED, STRANGE = (
    "https://ours.example", "https://theirs.example:8443", "https://closed.example", "https://strange.example",
)  # fmt: skip
AGENT = {"agent": '{"mbox":"mailto:ada@school.example"}'}


def open_to(lrs: Lrs, slug: str, *origins: str) -> Client:
    tenant = lrs.database.tenant(slug)
    with lrs.database.admin() as connection:
        tenant = update_tenant(connection, slug, {"settings": with_origins(tenant.settings, origins)})
    return lrs.client(tenant)


@pytest.fixture(scope="module")
def clients(lrs: Lrs) -> Iterator[dict[str, Client]]:
    with (
        open_to(lrs, "ours", OURS) as ours,
        open_to(lrs, "theirs", THEIRS) as theirs,
        open_to(lrs, "none") as none,
        open_to(lrs, "closed", CLOSED) as closed,
    ):
        with lrs.database.admin() as connection:
            set_tenant_active(connection, "closed", is_active=False)
        yield {"ours": ours, "theirs": theirs, "none": none, "closed": closed}


def preflight(lrs: Lrs, origin: str, path: str = "/agents") -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, x-experience-api-version, x-other",
    }
    return httpx.options(f"{lrs.url}/xAPI{path}", headers=headers)


@pytest.mark.parametrize("origin", [OURS, THEIRS])
@pytest.mark.parametrize("path", ["/agents", "/activities/state", "/statements", "/about"])
def test_preflight__an_origin_that_some_tenant_expects(
    lrs: Lrs, clients: dict[str, Client], origin: str, path: str
) -> None:
    answer = preflight(lrs, origin, path)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, x-experience-api-version, x-other"
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", [STRANGE, CLOSED, "http://ours.example", "https://OURS.example", "null", "", "*"])
def test_preflight__any_other_origin(lrs: Lrs, clients: dict[str, Client], origin: str) -> None:
    answer = preflight(lrs, origin)
    assert answer.status_code == 204
    assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_options__without_an_origin(lrs: Lrs, clients: dict[str, Client]) -> None:
    answer = httpx.options(f"{lrs.url}/xAPI/activities/state")
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, POST, PUT")


def test_answer__only_the_origins_of_the_credentials_tenant(lrs: Lrs, clients: dict[str, Client]) -> None:
    for name, origin, is_allowed in (
        ("ours", OURS, True),
        ("ours", THEIRS, False),
        ("ours", STRANGE, False),
        ("theirs", THEIRS, True),
        ("none", OURS, False),
    ):
        answer = clients[name].get("/agents", params=AGENT, headers={"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers.get("access-control-allow-origin") == (origin if is_allowed else None)
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers


def test_answer__shows_the_headers_of_xapi(lrs: Lrs, clients: dict[str, Client]) -> None:
    answer = clients["ours"].get("/agents", params=AGENT, headers={"Origin": OURS})
    shown = answer.headers["access-control-expose-headers"]
    for name in ("ETag", "Last-Modified", "X-Experience-API-Version", "X-Experience-API-Consistent-Through"):
        assert name in shown


def test_answer__refusals_can_be_read_too(lrs: Lrs, clients: dict[str, Client]) -> None:
    refused = clients["ours"].get("/agents", headers={"Origin": OURS})
    assert refused.status_code == 400
    assert refused.headers["access-control-allow-origin"] == OURS


def test_answer__none_without_a_credential(lrs: Lrs, clients: dict[str, Client]) -> None:
    headers = {"Origin": OURS, "X-Experience-API-Version": "1.0.3"}
    refused = httpx.get(f"{lrs.url}/xAPI/agents", params=AGENT, headers=headers)
    assert refused.status_code == 401
    assert "access-control-allow-origin" not in refused.headers


def test_answer__about_is_for_all(lrs: Lrs, clients: dict[str, Client]) -> None:
    found = httpx.get(f"{lrs.url}/xAPI/about", headers={"Origin": STRANGE})
    assert found.headers["access-control-allow-origin"] == STRANGE


def test_compressed__varies_by_both(lrs: Lrs, clients: dict[str, Client]) -> None:
    state = {"activityId": "https://lms.example/1", "stateId": "long", **AGENT}
    clients["ours"].put("/activities/state", params=state, content=b"long " * 1000)
    found = clients["ours"].get("/activities/state", params=state, headers={"Origin": OURS})
    assert found.headers["content-encoding"] == "gzip"
    assert {name.strip() for name in found.headers["vary"].split(",")} == {"Origin", "Accept-Encoding"}


@pytest.mark.parametrize("settings", [{"allowed_origins": OURS}, {"allowed_origins": {"0": OURS}}, {}])
def test_settings__what_is_no_list_allows_nothing(lrs: Lrs, settings: dict[str, object]) -> None:
    with lrs.database.admin() as connection:
        query = "select control.allowed_origins(%s::jsonb)"
        assert connection.execute(query, [Jsonb(settings)]).fetchone() == ([],)
