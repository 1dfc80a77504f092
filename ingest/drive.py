"""Reads from lanes in the order of their urgency, and has it written by one committer.

When something goes wrong, all that is not committed is read again, from where the ledger is.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog
from kafka.errors import KafkaError
from psycopg import Connection, Error, OperationalError

from core.errors import UserError
from core.settings import Settings
from ingest.clients import Clients, open_lanes
from ingest.committer import Committer, Outcome, Publish, Work
from ingest.connections import Connections
from ingest.dead_letters import count_failures
from ingest.ends import Ends, EndsOfLogs
from ingest.lane import Batch, Lane
from ingest.ledger import FencedError, Move
from ingest.report import Report
from ingest.tenants import Tenants

# While nothing comes; and while something is written.
IDLE_WAIT, BUSY_WAIT = 0.02, 0.002
# How often partitions without news move on in time: soon while there are readers to please, seldom when all sleep.
TICK_BUSY, TICK_IDLE, BUSY_FOR = 0.05, 0.25, 3.0
RETRY_FIRST, RETRY_MOST = 0.2, 3.0

MakeBatch = Callable[[Tenants], Batch]


class Kind(NamedTuple):
    """What lanes bring: how a batch is made, and what a connection needs before one is written."""

    lanes: Sequence[str]
    make_batch: MakeBatch
    prepare: Callable[[Connection], None]


log = structlog.get_logger("ingest")


class TooManyFailuresError(UserError):
    exit_code = 3


class Drive:
    """Of the kind's lanes the first is the most urgent."""

    def __init__(
        self, settings: Settings, connections: Connections, kind: Kind, publish: Publish, report: Report
    ) -> None:
        self._settings = settings
        self._connections = connections
        self._clients = Clients(settings, connections)
        self._tenants = Tenants(self.connected)
        self._kind = kind
        self._report = report
        self._reading: Connection | None = None
        self._committer = Committer(connections, publish, kind.prepare)
        self._logs: EndsOfLogs
        self.lanes: list[Lane] = []
        self._submitted_at = 0.0
        self._busy_at = 0.0
        self._live_at = 0.0
        self._ticked_at = 0.0
        self._retry = RETRY_FIRST

    def run(self, stop: threading.Event, check: Callable[[], None]) -> None:
        """`check` is called again and again, in this thread."""
        self._open(stop)
        while not stop.is_set():
            try:
                self._work()
                self._tick()
                check()
            except (Error, KafkaError, FencedError) as error:
                self._give_up(error, stop)

    def close(self) -> None:
        try:
            self._finish()
        except (Error, KafkaError, FencedError) as error:
            log.warning("the last batch was not written", error=str(error))
        if self.lanes:
            for lane in self.lanes:
                lane.stop()
            self._committer.stop()
            self._logs.close()
        if self._reading is not None:
            self._reading.close()

    def connected(self) -> Connection:
        if self._reading is None or self._reading.closed:
            self._reading = self._connections.connect(prepare_threshold=2)
        return self._reading

    def ends(self) -> Ends:
        return self._logs.ask_if_there([partition for lane in self.lanes for partition in lane.at])

    def refuse_many_failures(self) -> None:
        limit = self._settings.ingest.max_failures
        failures = count_failures(self.connected(), limit)
        if failures >= limit:
            raise TooManyFailuresError(
                f"{failures} dead letters in an hour, of several tenants: ingest stops, since that is its own defect.",
                "See `lyceum dead-letters list`; when they are retried or discarded, ingest starts again.",
            )

    def _open(self, stop: threading.Event) -> None:
        """When both are there: whichever is away is waited for."""
        while not stop.is_set():
            try:
                self.refuse_many_failures()
                self.lanes = open_lanes(self._settings, self._clients, self._kind.lanes, self._make_batch)
                self._logs = self._clients.logs()
                break
            except (Error, KafkaError, UserError) as error:
                if isinstance(error, UserError) and error.exit_code != 4:
                    raise
                self._back_off(error, stop)
        else:
            return
        self._committer.start()
        for lane in self.lanes:
            lane.start()
        self._report.runs()

    def _make_batch(self) -> Batch:
        return self._kind.make_batch(self._tenants)

    def _work(self) -> None:
        found = self._read()
        if found is None:
            self._take(self._committer.outcome(0))
            self._clients.await_news(BUSY_WAIT if self._committer.is_busy else IDLE_WAIT)
            return
        lane, batch, moves = found
        # While the one before is written, this one grows.
        while self._committer.is_busy:
            self._take(self._committer.outcome(BUSY_WAIT))
            if self._committer.is_busy:
                lane.fill(batch, moves, self._most(lane))
        lane.look_ahead(moves, self._logs.ask_if_there(lane.at))
        self._submit(Work(lane, batch, list(moves.values())))
        self._busy_at = time.monotonic()

    def _read(self) -> tuple[Lane, Batch, dict[int, Move]] | None:
        """From the most urgent lane that has something."""
        for lane in self.lanes:
            if not lane.has_news:
                continue
            if lane is self.lanes[0]:
                self._live_at = time.monotonic()
            batch, moves = lane.make_batch(), dict[int, Move]()
            lane.fill(batch, moves, self._most(lane))
            if moves:
                return lane, batch, moves
        return None

    def _most(self, lane: Lane) -> int:
        is_live = time.monotonic() - self._live_at < BUSY_FOR
        ingest = self._settings.ingest
        return ingest.bulk_batch_statements if lane.name == "bulk" and is_live else ingest.batch_statements

    def _submit(self, work: Work) -> None:
        self._submitted_at = time.monotonic()
        work.lane.promise(work.moves)
        self._committer.submit(work)

    def _take(self, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        if outcome.error is not None:
            raise outcome.error
        lane, batch, moves = outcome.work
        self._retry = RETRY_FIRST
        lane.moved(moves)
        if batch is not None:
            self._report.wrote(lane, batch, moves, time.monotonic() - self._submitted_at)
            if any(letter.reason != "conflict" for letter in batch.letters):
                self.refuse_many_failures()

    def _finish(self) -> None:
        while self._committer.is_busy:
            self._take(self._committer.outcome(0.5))

    def _tick(self) -> None:
        now = time.monotonic()
        every = TICK_BUSY if now - self._busy_at < BUSY_FOR else TICK_IDLE
        if now - self._ticked_at >= every and not self._committer.is_busy:
            self._ticked_at = now
            self._move_times()

    def _move_times(self) -> None:
        ends = self.ends()
        for lane in self.lanes:
            moves: dict[int, Move] = {}
            lane.look_ahead(moves, ends)
            if moves:
                self._finish()
                self._submit(Work(lane, None, list(moves.values())))

    def _give_up(self, error: Exception, stop: threading.Event) -> None:
        while self._committer.is_busy:
            self._committer.outcome(0.5)
        for lane in self.lanes:
            lane.forget()
        if isinstance(error, FencedError):
            self._report.fenced()
            log.info("fenced off: another consumer was here")
            return
        self._back_off(error, stop)

    def _back_off(self, error: Exception, stop: threading.Event) -> None:
        self._report.waits(error)
        if self._reading is not None and isinstance(error, OperationalError):
            self._reading.close()
            self._reading = None
        stop.wait(self._retry)
        self._retry = min(self._retry * 2, RETRY_MOST)
