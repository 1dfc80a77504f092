"""A real LRS takes all that is simulated, and nothing of what is malformed."""

import json
import threading
import time
from pathlib import Path

import pytest

from core.errors import UserError
from core.settings import Settings
from core.tenants import NewTenant, Tenant, create_tenant
from simulator.live import Pace, play_live
from simulator.parameters import Parameters
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from simulator.sinks.http import Credential, LrsSink, Options
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs

STATEMENTS = 6_000
TERM = Parameters(statements=STATEMENTS)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    with database.admin() as connection:
        return create_tenant(connection, NewTenant("riverside", "Riverside School"), database.key)


def credentials(lrs: Lrs, tenant: Tenant) -> dict[str, Credential]:
    return {tenant.slug: Credential(*lrs.client(tenant).credentials)}


def stored(database: Database) -> int:
    with database.admin() as connection:
        row = connection.execute("select count(*) from xapi.statement_ids").fetchone()
    return int(row[0]) if row else 0


def different(folder: Path) -> int:
    lines = (folder / "statements" / "riverside.ndjson").read_bytes().splitlines()
    return len({json.loads(line)["id"] for line in lines})


def test_send__every_statement_is_stored_once(lrs: Lrs, database: Database, tenant: Tenant, tmp_path: Path) -> None:
    simulate(TERM, tmp_path / "files", FileSink(tmp_path / "files"))
    counts = simulate(TERM, tmp_path / "sent", LrsSink(lrs.url, credentials(lrs, tenant)))
    assert counts["statement"] >= STATEMENTS
    assert stored(database) == different(tmp_path / "files")


def test_malformed__each_refused_at_its_property(lrs: Lrs, database: Database, tenant: Tenant, tmp_path: Path) -> None:
    simulate(TERM, tmp_path, FileSink(tmp_path))
    lines = (tmp_path / "malformed" / "riverside.ndjson").read_bytes().splitlines()
    with lrs.client(tenant) as client:
        for one in map(json.loads, lines):
            answer = client.post(
                "/statements", content=one["text"].encode(), headers={"Content-Type": "application/json"}
            )
            path = f"statement.{one['path']}" if one["path"] else "statement"
            assert answer.status_code == 400, one
            assert answer.json()["message"].startswith(f"{path}:"), one
    assert stored(database) == 0


def test_send__an_lrs_that_comes_later(
    server: Settings, database: Database, tenant: Tenant, unused_port: int, tmp_path: Path
) -> None:
    """What got no answer is sent again until it does, and then is there once."""
    with running_lrs(server, database, unused_port, tmp_path / "first.log") as lrs:
        known = credentials(lrs, tenant)
    sink = LrsSink(f"http://127.0.0.1:{unused_port}", known, Options(connections=2))
    counts: list[dict[str, int]] = []
    sending = threading.Thread(target=lambda: counts.append(simulate(TERM, tmp_path / "term", sink)))
    sending.start()
    with running_lrs(server, database, unused_port, tmp_path / "second.log"):
        sending.join(60)
    assert counts[0]["statement"] >= STATEMENTS
    assert stored(database) >= STATEMENTS * 0.95


def test_send__what_is_refused_is_said(lrs: Lrs, tenant: Tenant, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="refused with 401"):
        simulate(TERM, tmp_path / "a", LrsSink(lrs.url, {"riverside": Credential("no", "body")}))
    with pytest.raises(UserError, match="no credential for the tenant 'riverside'"):
        simulate(TERM, tmp_path / "b", LrsSink(lrs.url, {}))


def test_send__an_lrs_that_stays_away(unused_port: int, tmp_path: Path) -> None:
    sink = LrsSink(f"http://127.0.0.1:{unused_port}", {"riverside": Credential("a", "b")}, Options(patience=1))
    with pytest.raises(UserError, match="took nothing for 1 s"):
        simulate(TERM, tmp_path, sink)


def test_live__goes_on_until_it_is_stopped(lrs: Lrs, database: Database, tenant: Tenant) -> None:
    sink = LrsSink(lrs.url, credentials(lrs, tenant), Options(batch=20))
    stop = threading.Event()

    def enough(count: int) -> None:
        if count >= 300:
            stop.set()

    began = time.time()
    sent = play_live(Parameters(learners=150), sink, Pace(2000), stop, enough)
    assert 300 <= sent < 400
    assert 0 < stored(database) <= sent
    with lrs.client(tenant) as client:
        newest = client.get("/statements", params={"limit": 1}).json()["statements"][0]
    assert newest["timestamp"] >= time.strftime("%Y-%m-%dT%H", time.gmtime(began))
