"""The database goes and comes back: 503 meanwhile, known keys stay known, and service returns by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from psycopg import sql

from core.settings import Settings
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs
from tests.harness.statements import make_statement
from tests.harness.waiting import wait_until


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[Lrs]:
    with running_lrs(server, database, find_free(set()), tmp_path / "lrs.log", LYCEUM_LRS_AUTH_REFRESH="0.2") as lrs:
        yield lrs


def set_reachable(lrs: Lrs, *, reachable: bool) -> None:
    with lrs.database.admin(autocommit=True, dbname="postgres") as connection:
        name = sql.Identifier(lrs.database.name)
        connection.execute(sql.SQL("alter database {} allow_connections {}").format(name, sql.Literal(reachable)))
        if not reachable:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [lrs.database.name]
            )


def set_writable(lrs: Lrs, *, writable: bool) -> None:
    """For those who connect from now on: nobody else is left."""
    with lrs.database.admin(autocommit=True, dbname="postgres") as connection:
        name = sql.Identifier(lrs.database.name)
        change = sql.SQL("alter database {} set default_transaction_read_only = {}")
        connection.execute(change.format(name, sql.Literal(not writable)))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [lrs.database.name]
        )


def test_away__503_within_two_seconds_and_back_by_itself(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    with lrs.client(tenant) as client, lrs.client(tenant) as unseen:
        before = client.post("/statements", json=make_statement())
        assert before.status_code == 200
        set_reachable(lrs, reachable=False)
        for method in ("POST", "GET") * 3:
            began = time.monotonic()
            answer = client.request(method, "/statements", json=make_statement() if method == "POST" else None)
            assert time.monotonic() - began < 3
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
        assert unseen.get("/statements").status_code == 503, "an unknown key is not refused, it cannot be judged"
        assert httpx.get(f"{lrs.url}/health/live").status_code == 200
        assert httpx.get(f"{lrs.url}/health/ready").status_code == 503
        set_reachable(lrs, reachable=True)
        deadline = time.monotonic() + 20
        while client.post("/statements", json=make_statement()).status_code != 200:
            assert time.monotonic() < deadline
        while unseen.get("/statements").status_code != 200:
            assert time.monotonic() < deadline
        found = [one["id"] for one in client.get("/statements").json()["statements"]]
    assert before.json()[0] in found
    assert len(found) == 2


def test_read_only__writes_503_reads_go_on_and_back_by_itself(lrs: Lrs) -> None:
    """As a standby, or as providers do it before the disk is full."""
    place = {"activityId": "https://lms.example/lessons/1", "agent": '{"mbox":"mailto:a@x.example"}', "stateId": "one"}
    with lrs.client(lrs.database.tenant("school")) as client:
        before = client.post("/statements", json=make_statement())
        assert before.status_code == 200
        set_writable(lrs, writable=False)
        wait_until(lambda: client.get("/statements").status_code == 200)
        for _ in range(2):
            refused = [
                client.post("/statements", json=make_statement()),
                client.put("/activities/state", params=place, content=b"one"),
            ]
            assert [(one.status_code, "Retry-After" in one.headers) for one in refused] == [(503, True)] * 2
        assert client.get("/statements").json()["statements"][0]["id"] == before.json()[0]
        set_writable(lrs, writable=True)
        wait_until(lambda: client.post("/statements", json=make_statement()).status_code == 200)
        wait_until(lambda: client.put("/activities/state", params=place, content=b"one").status_code == 204)
        assert len(client.get("/statements").json()["statements"]) == 2
