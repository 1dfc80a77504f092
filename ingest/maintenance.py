"""Partitions ahead of time, and forgetting what tenants want forgotten: once an hour, by one of the processes."""

import threading
from typing import NamedTuple

import structlog
from psycopg import Connection, Error

from ingest.connections import Connections

EVERY_SECONDS = 3600.0
FIRST_AFTER_SECONDS = 30.0
AHEAD = "62 days"
# Whoever holds it does it for all.
LOCK = "select pg_try_advisory_lock(hashtext('lyceum maintenance'))"
UNLOCK = "select pg_advisory_unlock(hashtext('lyceum maintenance'))"

RETENTIONS = """
select tenant_id, now() - make_interval(days => (settings ->> 'retention_days')::integer)
from control.tenants
where jsonb_typeof(settings -> 'retention_days') = 'number' and (settings ->> 'retention_days')::numeric >= 1
"""

log = structlog.get_logger("ingest.maintenance")


class Maintained(NamedTuple):
    partitions: int
    forgotten: int
    chunks: int


def maintain(connection: Connection) -> Maintained:
    """`connection` commits each statement by itself: no lock is held for long."""
    row = connection.execute(
        "select xapi.ensure_partitions(current_date, (current_date + %s::interval)::date)", [AHEAD]
    ).fetchone()
    forgotten = 0
    for tenant_id, before in connection.execute(RETENTIONS).fetchall():
        while count := _number(connection, "select xapi.forget_oldest_day(%s, %s)", [tenant_id, before]):
            forgotten += count
    chunks = _number(connection, "select xapi.drop_empty_chunks()", []) if forgotten else 0
    return Maintained(row[0] if row else 0, forgotten, chunks)


class Maintenance:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wait = FIRST_AFTER_SECONDS
        while not self._stop.wait(wait):
            wait = EVERY_SECONDS
            try:
                with self._connections.connect() as connection:
                    if connection.execute(LOCK).fetchone() == (True,):
                        done = maintain(connection)
                        connection.execute(UNLOCK)
                        log.info("maintained", **done._asdict())
            except Error as error:
                log.warning("maintenance failed, and is tried again", error=str(error))
                wait = FIRST_AFTER_SECONDS


def _number(connection: Connection, query: str, given: list[object]) -> int:
    row = connection.execute(query, given).fetchone()
    return int(row[0]) if row else 0
