"""Consistent-Through under many short writing transactions: what it says, holds."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

from psycopg import Connection

from tests.harness.database import Database

WRITERS = 4
BEGIN = "select stored from ingest.begin_write_through(%s)"
VISIBLE = "select count(*) from public.marks where stored <= %s"


def test_consistent_through__no_writer_stores_at_or_before_it_later(
    database: Database, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    tenant = database.tenant("school").tenant_id
    with database.admin() as connection:
        connection.execute("create table public.marks (stored timestamptz not null)")
        connection.execute("create index on public.marks (stored)")
        connection.execute("grant select, insert on public.marks to lyceum_lrs")
    stop = threading.Event()

    def write() -> None:
        with database.service("lrs", autocommit=True) as connection:
            while not stop.is_set():
                with connection.transaction():
                    row = connection.execute(BEGIN, [tenant]).fetchone()
                    connection.execute("insert into public.marks values (%s)", row)

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    promised: list[tuple[datetime, int]] = []
    try:
        with database.service("lrs", autocommit=True) as connection:
            ends = time.monotonic() + size.consistency_seconds
            while time.monotonic() < ends:
                promised.append(_promise(connection, tenant))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    with database.admin() as connection:
        broken = [(through, seen, now) for through, seen in promised if (now := _count(connection, through)) != seen]
    assert broken == []
    proof(asked=len(promised), broken=0)


def _promise(connection: Connection, tenant: int) -> tuple[datetime, int]:
    row = connection.execute("select ingest.consistent_through(%s, false)", [tenant]).fetchone()
    assert row is not None
    return row[0], _count(connection, row[0])


def _count(connection: Connection, through: datetime) -> int:
    row = connection.execute(VISIBLE, [through]).fetchone()
    assert row is not None
    return int(row[0])
