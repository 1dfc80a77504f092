"""Writes validated events straight into the lms tables, held to the tenant that sends them."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from psycopg import Connection, OperationalError, connect

from core.database.silence import break_off
from core.lms.apply import Applied, apply_events
from core.lms.events import Event
from core.lms.staging import prepare_staging
from core.lms.waiting import TenantEvent

PUT_OUT = "insert into ingest.outbox (tenant_id, topic, record_key, envelope) values (%s, %s, %s, %s)"
BEGIN = "select set_config('lyceum.tenant', %s, true), ingest.open_batch('events', %s)"


class EventsToSend(NamedTuple):
    """What goes to the topic when the broker is back."""

    topic: str
    key: bytes
    value: bytes


class EventWriter:
    """One connection: a tenant's events are written one after another anyhow."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    async def submit(self, tenant_id: int, events: Sequence[Event], to_send: EventsToSend | None) -> Applied:
        """When this returns, all of them are in the database, or none."""
        return await asyncio.to_thread(self._write, tenant_id, events, to_send)

    def close(self) -> None:
        with self._turn:
            self._drop_connection()

    def break_off(self) -> None:
        """The database does not answer: nobody waits for it any longer."""
        connection = self._connection
        if connection is not None:
            break_off(connection)

    def _write(self, tenant_id: int, events: Sequence[Event], to_send: EventsToSend | None) -> Applied:
        with self._turn:
            try:
                connection = self._connected()
                with connection.transaction():
                    row = connection.execute(BEGIN, [str(tenant_id), [tenant_id]]).fetchone()
                    batch_id = row[1] if row else 0
                    if to_send is not None:
                        connection.execute(PUT_OUT, [tenant_id, *to_send])
                    return apply_events(connection, batch_id, [TenantEvent(tenant_id, event) for event in events])
            except OperationalError:
                self._drop_connection()
                raise

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._conninfo, autocommit=True)
            prepare_staging(self._connection)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with suppress(OperationalError):
                self._connection.close()
            self._connection = None
