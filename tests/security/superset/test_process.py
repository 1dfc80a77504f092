"""Superset's process: who reaches it, and that what it was told stays where it is."""

import itertools
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from core.settings import Settings
from core.tenants import list_tenants
from local.home import Home
from tests.harness.hidden import Hidden, hidden_of
from tests.harness.superset import MARK, Superset

pytestmark = pytest.mark.timeout(600)

# As SECURITY.md says: it signs sessions, and logs in as readers, as the operator, and as itself.
TOLD = {"secret_key", "superset key", "database.password_superset", "database.password_operator"}
STRANGE = (
    "/nothing", "/static/../../secrets.toml", "/static/%2e%2e/%2e%2e/secrets.toml", "/superset/dashboard/nothing/",
    "/superset/explore/?form_data=%7B", "/api/v1/chart/data", "/api/v1/chart/999999/data/",
    "/api/v1/database/1/connection",
    "/api/v1/database/", "/api/v1/dashboard/nothing", "/api/v1/sqllab/execute/", "/api/v1/security/login", "/health",
    "/login/?next=%00", "/api/v1/menu/", "/api/v1/me/", "/console", "/metrics", "/swagger/v1", "/" + "a" * 5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def hidden(server: Settings, superset: Superset) -> Hidden:
    with superset.database.admin() as connection:
        return hidden_of(Home(server.home), server, list_tenants(connection), {})


@pytest.fixture(scope="module")
def processes(superset: Superset) -> list[psutil.Process]:
    """The one that was started, which holds the port, and its workers."""
    port = httpx.URL(superset.url).port
    (first,) = (
        child
        for child in psutil.Process().children()
        if any(place.laddr[1] == port for place in child.net_connections("inet"))
    )
    return [first, *first.children(recursive=True)]


def test_listener__is_on_loopback(processes: list[psutil.Process]) -> None:
    places = {place.laddr[0] for process in processes for place in process.net_connections("inet")
              if place.status == psutil.CONN_LISTEN}  # fmt: skip
    assert places == {"127.0.0.1"}


def test_process__was_told_what_it_needs_by_its_environment_only(
    processes: list[psutil.Process], hidden: Hidden
) -> None:
    assert len(processes) > 1
    for process in processes:
        folder = Path(f"/proc/{process.pid}")
        assert hidden.named_in((folder / "cmdline").read_bytes()) == set()
        assert hidden.named_in((folder / "environ").read_bytes()) == TOLD
        assert (folder / "environ").stat().st_mode & 0o777 == 0o400


def test_files__hold_nothing_of_it(superset: Superset, hidden: Hidden) -> None:
    """Its home: cache, dashboards as they were published, and the log."""
    assert superset.log.stat().st_size > 0
    assert hidden.files_below(superset.log.parent) == {}


@pytest.mark.parametrize("person", [None, "riverside/analyst@riverside.example", "operator"])
def test_errors__name_no_secret_and_nobodys_data(
    superset: Superset, hidden: Hidden, person: str | None, proof: Callable[..., None]
) -> None:
    visit = superset.visitor() if person is None else superset.signed_in(person)
    asked = list(itertools.product(STRANGE, ("GET", "POST", "PUT", "DELETE")))
    with visit as visitor:
        for path, method in asked:
            answer = visitor.request(method, path, content=b"{", headers={"Content-Type": "application/json"})
            content = answer.content + repr(answer.headers.raw).encode()
            assert hidden.named_in(content) == set(), (path, method)
            assert MARK.encode() not in content, (path, method)
            assert b"Traceback" not in content, (path, method)
    proof(attempts=len(asked))
