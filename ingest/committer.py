"""Writes one batch after the other, in a thread of its own, so that the next is read meanwhile.

One transaction each: the rows, the dead letters, the ledger, the batch's own row, and the word to those who wait.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec
import structlog
from psycopg import Connection, OperationalError

from ingest.connections import Connections
from ingest.dead_letters import DeadLetter, bury
from ingest.lane import Batch, Lane
from ingest.ledger import FencedError, Move, move

CHANNEL = "lyceum_ingested"
# A frozen process gives its locks back after this; the new owner of its partitions waits for them no longer.
SESSION = (
    "-c idle_in_transaction_session_timeout=10s -c lock_timeout=15s -c statement_timeout=120s "
    "-c plan_cache_mode=force_generic_plan"
)

Publish = Callable[[Sequence[DeadLetter]], None]

log = structlog.get_logger("ingest.committer")


class Work(NamedTuple):
    """`batch` is none where only times are moved on."""

    lane: Lane
    batch: Batch | None
    moves: Sequence[Move]


class Outcome(NamedTuple):
    work: Work
    error: Exception | None


class Committer:
    def __init__(self, connections: Connections, publish: Publish, prepare: Callable[[Connection], None]) -> None:
        self._connections = connections
        self._prepare = prepare
        self._publish = publish
        self._connection: Connection | None = None
        self._todo: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._is_busy = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def submit(self, work: Work) -> None:
        """Only after the outcome of the one before was taken: a batch builds on the one before."""
        self._is_busy = True
        self._todo.put(work)

    def outcome(self, wait_seconds: float) -> Outcome | None:
        try:
            outcome = self._done.get(timeout=wait_seconds) if wait_seconds else self._done.get_nowait()
        except queue.Empty:
            return None
        self._is_busy = False
        return outcome

    def stop(self) -> None:
        self._todo.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._todo.get()) is not None:
            try:
                self._commit(work)
            except Exception as error:  # noqa: BLE001 - whoever submitted it decides
                self._drop_connection(error)
                if work.batch is not None:
                    work.batch.given_up()
                self._done.put(Outcome(work, error))
            else:
                self._done.put(Outcome(work, None))
        self._drop_connection(None)

    def _commit(self, work: Work) -> None:
        connection = self._connected()
        if work.batch is None:
            with connection.transaction():
                # Times that are lost in a crash are found again.
                connection.execute("set local synchronous_commit = off")
                move(connection, work.lane.source, work.moves)
            return
        with connection.transaction():
            self._write(connection, work.batch)
            move(connection, work.lane.source, work.moves)
            connection.execute("select pg_notify(%s, %s)", [CHANNEL, positions_text(work)])
        work.batch.committed()

    def _write(self, connection: Connection, batch: Batch) -> None:
        tenants = batch.tenant_ids
        if tenants:
            row = connection.execute("select ingest.open_batch(%s, %s)", [batch.source, tenants]).fetchone()
            assert row is not None  # noqa: S101 - a function gives one row
            batch.write(connection, row[0])
        if batch.letters:
            bury(connection, batch.letters)
            # The topic has them before the offset moves, and may have them twice.
            self._publish(batch.letters)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._connections.connect(prepare_threshold=2, options=SESSION)
            self._prepare(self._connection)
        return self._connection

    def _drop_connection(self, error: Exception | None) -> None:
        if isinstance(error, FencedError):
            return
        if self._connection is not None:
            with suppress(OperationalError):
                self._connection.close()
            self._connection = None


def positions_text(work: Work) -> str:
    """For the LRS, which waits for offsets of its own: no names of tenants, since everybody can listen."""
    positions = {str(each.partition): each.to_offset for each in work.moves if each.to_offset > each.from_offset}
    return msgspec.json.encode({"topic": str(work.lane.source.topic_id), "positions": positions}).decode()
