"""The database's clock jumps, forwards and back, and a client that asks for what is new misses nothing.

Only where there is a broker: it gives the times then. What is written through has the database's time; after a jump
back it may be stored before what a client has seen already, and that client misses it.
"""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest

from core.settings import Settings
from local.cache import cache_folder
from tests.harness.faketime import Clock
from tests.harness.own_servers import OwnServers, prepared, running
from tests.harness.pipeline import Pipeline
from tests.harness.statements import make_statement
from tests.harness.waiting import wait_until
from tests.harness.watched import Proof

NOW = "select extract(epoch from clock_timestamp())"
HEADERS = {"X-Experience-API-Version": "1.0.3"}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock.make(cache_folder(Settings()), tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def shared_servers(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[OwnServers]:
    servers = prepared(tmp_path_factory.mktemp("clocked"))
    servers.database.command = clock.shown_to(servers.database.command)
    with running(servers):
        yield servers


class Reader:
    """Asks for what was stored since the last that it saw."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._since: str | None = None
        self.seen: list[str] = []

    def look(self) -> None:
        parameters = {"ascending": "true", "limit": "3"} | ({"since": self._since} if self._since else {})
        answer = self._client.get("/xAPI/statements", params=parameters)
        while True:
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for statement in page["statements"]:
                self.seen.append(statement["id"])
                self._since = statement["stored"]
            if not page["more"]:
                return
            answer = self._client.get(page["more"])

    def has_seen(self, sent: list[str]) -> bool:
        self.look()
        return set(sent) <= set(self.seen)


def database_is_ahead(pipeline: Pipeline) -> float:
    with pipeline.database.admin() as connection:
        row = connection.execute(NOW).fetchone()
    assert row is not None
    return float(row[0]) - time.time()


@pytest.mark.timeout(600)
def test_clock__of_the_database_jumps(
    own_pipeline: Pipeline, clock: Clock, size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    school, (lrs,), sent = own_pipeline.school(), own_pipeline.lrs, []
    slowest = 0.0
    with httpx.Client(base_url=lrs.url, auth=school.credentials, headers=HEADERS, timeout=30) as client:
        reader = Reader(client)
        for jump in (0, size.clock_jump, 0, -size.clock_jump, 0):
            clock.step(jump)
            wait_until(lambda: abs(database_is_ahead(own_pipeline) - jump) < 1)  # noqa: B023
            for _ in range(5):
                statement = make_statement()
                assert client.post("/xAPI/statements", json=statement).status_code == 200
                sent.append(statement["id"])
                reader.look()
            slowest = max(slowest, wait_until(lambda: reader.has_seen(sent), size.clock_jump + 20))
    assert sorted(reader.seen) == sorted(sent)
    proof(jumps=4, seconds_each=size.clock_jump, sent=len(sent), seen=len(reader.seen), latest_seen_after_s=slowest)
