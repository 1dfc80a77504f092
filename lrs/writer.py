"""Writes through to the database: a thread that takes whatever requests wait into one transaction a tenant."""

import asyncio
import queue
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog
from psycopg import Connection, OperationalError, connect

from core.database.silence import break_off
from core.envelope import Envelope, seal
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import Written, write
from lrs.errors import RequestError, UnavailableError

# A transaction takes no more than this, so that the first in it need not wait long for the last.
MOST_STATEMENTS = 2000
QUEUED = 10_000

UNSURE = "The database went away: it is not sure that this was stored. Send it again, with the same ids."

PUT_OUT = "insert into ingest.outbox (tenant_id, topic, record_key, envelope) values (%s, %s, %s, %s)"

log = structlog.get_logger("lrs.writer")


class ToSend(NamedTuple):
    """Where an envelope goes that is written through only because the broker is away."""

    topic: str
    key: bytes
    tenant: UUID


class Waiting(NamedTuple):
    envelope: Envelope
    to_send: ToSend | None
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[datetime]"


class Writers:
    """Two, so that one prepares while the database works for the other."""

    def __init__(self, conninfo: str, count: int) -> None:
        self._queue: queue.Queue[Waiting | None] = queue.Queue(QUEUED)
        self._writers = [Writer(conninfo, self._queue) for _ in range(count)]

    def start(self) -> None:
        for writer in self._writers:
            writer.start()

    def stop(self) -> None:
        """What was submitted is written first."""
        for _ in self._writers:
            self._queue.put(None)
        for writer in self._writers:
            writer.join()

    def break_off(self) -> None:
        """The database does not answer: nobody waits for it any longer."""
        for writer in self._writers:
            writer.break_off()

    async def submit(self, envelope: Envelope, to_send: ToSend | None = None) -> datetime:
        """When it was stored; all of it is, or none."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[datetime] = loop.create_future()
        try:
            self._queue.put_nowait(Waiting(envelope, to_send, loop, answer))
        except queue.Full:
            raise UnavailableError("Too many requests wait to be written. Try again.") from None
        return await answer


class Writer:
    def __init__(self, conninfo: str, waiting: "queue.Queue[Waiting | None]") -> None:
        self._conninfo = conninfo
        self._queue = waiting
        self._vocabulary = Vocabulary()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def break_off(self) -> None:
        """Also of one that rests: it is as silent as the others."""
        if self._connection is not None:
            break_off(self._connection)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, is_last = self._collect(first)
            for waiting in _by_tenant(group):
                self._write(waiting)
            if is_last:
                break
        if self._connection is not None:
            self._connection.close()

    def _collect(self, first: Waiting) -> tuple[list[Waiting], bool]:
        group, count = [first], len(first.envelope.statements)
        while count < MOST_STATEMENTS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return group, False
            if waiting is None:
                return group, True
            group.append(waiting)
            count += len(waiting.envelope.statements)
        return group, False

    def _write(self, waiting: list[Waiting]) -> None:
        """Requests that clash, with the store or one another, are refused or put off, and the others are written."""
        while waiting:
            now, later = _without_repeated_ids(waiting)
            try:
                conflicts, stored = self._transact(now)
            except OperationalError as error:
                log.warning("database is away", error=str(error))
                self._drop_connection()
                _settle(waiting, UnavailableError(UNSURE))
                return
            except Exception as error:
                log.exception("writing failed")
                self._drop_connection()
                _settle(waiting, error)
                return
            if conflicts:
                refused = [one for one in now if _ids(one.envelope) & conflicts]
                _settle(refused, conflict(conflicts))
                waiting = [one for one in now if one not in refused] + later
            else:
                _settle(now, stored)
                waiting = later

    def _transact(self, waiting: list[Waiting]) -> tuple[set[str], datetime]:
        envelopes = [one.envelope for one in waiting]
        connection = self._connected()
        with connection.transaction() as transaction:
            row = connection.execute(
                "select batch_id, stored from ingest.begin_write_through(%s)", [envelopes[0].tenant_id]
            ).fetchone()
            assert row is not None  # noqa: S101 - a function with out parameters gives one row
            batch_id, stored = row
            written = write(
                connection, "request", batch_id, [(envelope, stored) for envelope in envelopes], self._vocabulary
            )
            if written.conflicts:
                transaction.force_rollback = True
            else:
                put_out(connection, waiting, written, stored)
        if not written.conflicts:
            self._vocabulary.committed()
        return _conflicting(written), stored

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._conninfo, prepare_threshold=2, autocommit=True)
            prepare_staging(self._connection)
        return self._connection

    def _drop_connection(self) -> None:
        self._vocabulary.forget()
        if self._connection is not None:
            with suppress(OperationalError):
                self._connection.close()
            self._connection = None


def _conflicting(written: Written) -> set[str]:
    return {statement_id for _, statement_id in written.conflicts}


def put_out(connection: Connection, waiting: list[Waiting], written: Written, stored: datetime) -> None:
    """What is new goes to the topic when the broker is back, with the time that it is stored with now."""
    rows = []
    for envelope, to_send, _, _ in waiting:
        new = [one for one in envelope.statements if (envelope.tenant_id, one.id) not in written.repeated]
        if to_send is not None and new:
            sealed = seal(msgspec.structs.replace(envelope, statements=new, stored=stored), to_send.tenant)
            rows.append((envelope.tenant_id, to_send.topic, to_send.key, sealed))
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(PUT_OUT, rows)


def conflict(ids: Iterable[str]) -> RequestError:
    named = ", ".join(sorted(ids)[:3])
    return RequestError(409, "conflict", f"Another statement is stored under the same id: {named}. Nothing was stored.")


def _ids(envelope: Envelope) -> set[str]:
    return {statement.id for statement in envelope.statements}


def _by_tenant(group: list[Waiting]) -> list[list[Waiting]]:
    tenants: dict[int, list[Waiting]] = {}
    for waiting in group:
        tenants.setdefault(waiting.envelope.tenant_id, []).append(waiting)
    return list(tenants.values())


def _without_repeated_ids(waiting: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Those that can be written together, and those that name an id of theirs again."""
    seen: set[str] = set()
    now, later = [], []
    for one in waiting:
        ids = _ids(one.envelope)
        if seen & ids:
            later.append(one)
        else:
            seen |= ids
            now.append(one)
    return now, later


def _settle(waiting: list[Waiting], outcome: datetime | Exception) -> None:
    for one in waiting:
        # The loop may be closed, at the very end: then nobody waits.
        with suppress(RuntimeError):
            one.loop.call_soon_threadsafe(_set, one.answer, outcome)


def _set(answer: "asyncio.Future[datetime]", outcome: datetime | Exception) -> None:
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
