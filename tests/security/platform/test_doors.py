"""The doors of operation: who reaches them, what may be asked there, and that they name nobody's data or secrets."""

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest
from starlette.routing import Route

from local.leftovers import leftovers
from lrs import about, events
from lrs.app import PREFIXES, create_app
from tests.security.platform.conftest import LEARNER, SLUG, Platform

pytestmark = pytest.mark.timeout(400)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY")
READING = {"GET", "HEAD"}
LOOKED_AT = {"GET", "HEAD", "OPTIONS"}
INGEST = ("/metrics", "/health/live", "/health/ready")
# Which tenants there are, and how much they send, is told to who runs the platform.
NAMES_TENANTS = "/metrics"
STRANGE = ("/nothing", "/metrics/..", "/health", "//", "/%2e%2e/secrets.toml", "/..%2fsecrets.toml", "/" + "a" * 5000)


@dataclass(frozen=True)
class Door:
    process: str
    path: str
    methods: frozenset[str]


@pytest.fixture
def visitor() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as visitor:
        yield visitor


def doors(platform: Platform) -> list[Door]:
    """Of the LRS, all that is open without a credential."""
    app = create_app(platform.lyceum.settings)
    closed = (*(prefix + "/" for prefix in PREFIXES), events.PATH)
    open_paths = [route.path for route in app.routes if isinstance(route, Route) and not route.path.startswith(closed)]
    assert {"/", "/metrics", "/health/live"} <= set(open_paths)
    of_lrs = [Door("lrs", path, frozenset(LOOKED_AT if path == "/" else READING)) for path in open_paths]
    about_paths = [Door("lrs", prefix + about.PATH, frozenset(LOOKED_AT)) for prefix in PREFIXES]
    return [*of_lrs, *about_paths, *(Door("ingest", path, frozenset({"GET"})) for path in INGEST)]


def test_listeners__all_are_on_loopback_and_known(platform: Platform) -> None:
    processes = leftovers(platform.lyceum.folder)
    places = {place.laddr[:2] for process in processes for place in listening(process)}
    assert {address.removeprefix("::ffff:") for address, _ in places} == {"127.0.0.1"}
    known = {process.port for process in platform.lyceum.state().processes if process.port}
    (controller,) = {port for _, port in places} - known
    assert known <= {port for _, port in places}
    assert controller in {place.laddr[1] for process in leftovers(platform.lyceum.folder, "kafka")
                          for place in listening(process)}  # fmt: skip


def listening(process: psutil.Process) -> Iterator[Any]:
    yield from (place for place in process.net_connections("inet") if place.status == psutil.CONN_LISTEN)


def test_methods__only_those_that_look(platform: Platform, visitor: httpx.Client, proof: Callable[..., None]) -> None:
    asked = list(itertools.product(doors(platform), METHODS))
    wrong = []
    for door, method in asked:
        status = visitor.request(method, platform.url(door.process) + door.path).status_code
        if (status < 300) != (method in door.methods) or (method not in door.methods and status not in {400, 405}):
            wrong.append((door.process, method, door.path, status))
    assert wrong == []
    proof(attempts=len(asked))


def test_answers__name_no_secret_and_nobodys_data(platform: Platform, visitor: httpx.Client) -> None:
    for door, accept in itertools.product(doors(platform), ("*/*", "application/json", "text/html")):
        answer = visitor.get(platform.url(door.process) + door.path, headers={"Accept": accept})
        told = tells_of(platform, answer)
        assert told <= ({SLUG} if (door.process, door.path) == ("lrs", NAMES_TENANTS) else set()), door


def test_errors__name_no_secret_and_nobodys_data(platform: Platform, visitor: httpx.Client) -> None:
    statuses = set()
    for process, path, method in itertools.product(("lrs", "ingest"), STRANGE, ("GET", "POST")):
        answer = visitor.request(method, platform.url(process) + path, content=b"{")
        statuses.add(answer.status_code)
        assert tells_of(platform, answer) == set(), (process, path)
        assert "Traceback" not in answer.text
        assert str(platform.lyceum.folder) not in answer.text
    assert all(400 <= status < 500 for status in statuses - {200}), statuses


def tells_of(platform: Platform, answer: httpx.Response) -> set[str]:
    content = answer.content + repr(answer.headers.raw).encode()
    return platform.hidden.named_in(content) | {word for word in (SLUG, LEARNER) if word.encode() in content}


@contextmanager
def silent(platform: Platform) -> Iterator[None]:
    """Somebody who connects, begins, and then says nothing more."""
    address = httpx.URL(platform.url("ingest"))
    with socket.create_connection((address.host, address.port or 0), 5) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x")
        yield


def test_ingest__who_says_nothing_keeps_nobody_out(platform: Platform, visitor: httpx.Client) -> None:
    with silent(platform), silent(platform):
        assert visitor.get(f"{platform.url('ingest')}/health/live", timeout=5).json() == {"status": "ok"}
