"""Who holds up Consistent-Through by a transaction in which nothing happens is ended; who works is not."""

import time

import pytest
from psycopg import Connection, OperationalError

from tests.harness.database import Database

WRITE = "select pg_current_xact_id()"
PATIENCE = 1.0


def _writing(database: Database, role: str, name: str) -> Connection:
    connection = database.service(role, application_name=name)
    connection.execute(WRITE)
    return connection


@pytest.mark.parametrize("role", ["lrs", "ingest"])
def test_end_frozen_writers__ends_who_says_nothing(database: Database, role: str) -> None:
    with (
        database.service("ingest", autocommit=True) as keeper,
        _writing(database, role, "frozen") as frozen,
        _writing(database, role, "busy") as busy,
        _writing(database, "ingest", "lyceum-import") as importing,
    ):
        until = time.monotonic() + PATIENCE + 0.5
        while time.monotonic() < until:
            time.sleep(0.1)
            busy.execute("select 1")
        keeper.execute("select ingest.end_frozen_writers(make_interval(secs => %s))", [PATIENCE])
        with pytest.raises(OperationalError):
            frozen.execute("select 1")
        busy.execute("select 1")
        importing.execute("select 1")
