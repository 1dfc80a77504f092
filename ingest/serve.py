"""The loop of `lyceum ingest serve`: read from the lanes in the order of their urgency, and have it written."""

import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

import structlog
from kafka.errors import KafkaError
from psycopg import Connection, Error, OperationalError, connect

from core.database.address import role_conninfo
from core.errors import UserError
from core.kafka import quiet_client
from core.settings import Settings
from core.topics import topic_names
from core.writer.vocabulary import Vocabulary
from ingest.clients import Clients, open_lanes
from ingest.committer import Committer, Outcome, Work
from ingest.dead_letters import DeadLetter, count_failures, notes
from ingest.ends import EndsOfLogs
from ingest.lane import Batch, Lane
from ingest.ledger import FencedError, Move
from ingest.maintenance import Maintenance
from ingest.metrics import Metrics, Server
from ingest.outbox import Outbox
from ingest.publishing import Message, Publishing
from ingest.statements import StatementBatch
from ingest.status import Status
from ingest.tenants import Tenants
from ingest.topic_watch import TopicWatch

ROLE = "lyceum_ingest"
# While nothing comes; and while something is written.
IDLE_WAIT, BUSY_WAIT = 0.02, 0.002
# How often partitions without news move on in time: soon while there are readers to please, seldom when all sleep.
TICK_BUSY, TICK_IDLE, BUSY_FOR = 0.05, 0.25, 3.0
CHECK_EVERY = 1.0
FROZEN_AFTER = "30 seconds"
RETRY_FIRST, RETRY_MOST = 0.2, 3.0

# What was sent of them is written; or whoever sent them is long gone without saying where they end.
CLOSE_LOADS = """
update ingest.bulk_loads as load set closed_at = now()
where closed_at is null and case when ends is null then opened_at < now() - interval '1 day' else not exists (
    select from jsonb_each_text(ends) as sent
    left join ingest.ledger on ledger.topic_id = load.topic_id and ledger.topic_partition = sent.key::integer
    where coalesce(ledger.next_offset, 0) < sent.value::bigint
) end
"""

log = structlog.get_logger("ingest")


class TooManyFailuresError(UserError):
    exit_code = 3


class Ingest:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._conninfo = role_conninfo(settings.database, ROLE)
        self._stop = threading.Event()
        self._reading: Connection | None = None
        self._clients = Clients(settings, self._conninfo)
        self._tenants = Tenants(self._connected)
        self._vocabulary = Vocabulary()
        self._publishing = Publishing(settings.kafka)
        self._committer = Committer(self._conninfo, self._publish)
        self._outbox = Outbox(self._conninfo, settings.kafka)
        self._maintenance = Maintenance(self._conninfo)
        self._lanes: list[Lane] = []
        self._logs: EndsOfLogs
        self._watch = TopicWatch(settings.kafka)
        self._status = Status()
        self._metrics = Metrics()
        self._server = Server(settings.ingest, self._metrics, lambda: self._status.state == "running")
        self._submitted_at = 0.0
        self._busy_at = 0.0
        self._live_at = 0.0
        self._ticked_at = 0.0
        self._checked_at = 0.0
        self._retry = RETRY_FIRST

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        quiet_client()
        self._server.start()
        log.info("ingest listens", port=self._server.port)
        try:
            self._open()
            self._loop()
        except UserError as error:
            self._status.wrong(error)
            self._leave("stopped")
            raise
        self._leave("ended")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _open(self) -> None:
        """When both are there: whichever is away is waited for."""
        while not self._stop.is_set():
            try:
                self._refuse_many_failures()
                self._lanes = open_lanes(self._settings, self._clients, self._make_batch)
                self._logs = self._clients.logs()
                break
            except (Error, KafkaError, UserError) as error:
                if isinstance(error, UserError) and error.exit_code != 4:
                    raise
                self._back_off(error)
        self._committer.start()
        self._outbox.start()
        self._maintenance.start()
        for lane in self._lanes:
            lane.start()
        self._status.state = "running"

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._work()
                self._tick()
            except (Error, KafkaError, FencedError) as error:
                self._give_up(error)

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
        for lane in self._lanes:
            if not lane.has_news:
                continue
            if lane is self._lanes[0]:
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
            self._count(lane, batch, moves)
            if any(letter.reason != "conflict" for letter in batch.letters):
                self._refuse_many_failures()

    def _finish(self) -> None:
        while self._committer.is_busy:
            self._take(self._committer.outcome(0.5))

    def _count(self, lane: Lane, batch: Batch, moves: Sequence[Move]) -> None:
        records = sum(each.to_offset - each.from_offset for each in moves)
        self._status.records += records
        self._status.statements += batch.fresh
        self._metrics.records.labels(lane.name).inc(records)
        self._metrics.statements.labels(lane.name).inc(batch.fresh)
        self._metrics.repeated.labels(lane.name).inc(batch.repeated)
        self._metrics.late.labels(lane.name).inc(batch.late)
        self._metrics.batch.observe(batch.size)
        self._metrics.seconds.observe(time.monotonic() - self._submitted_at)
        for letter in batch.letters:
            self._metrics.dead_letters.labels(letter.reason).inc()

    def _tick(self) -> None:
        now = time.monotonic()
        every = TICK_BUSY if now - self._busy_at < BUSY_FOR else TICK_IDLE
        if now - self._ticked_at >= every and not self._committer.is_busy:
            self._ticked_at = now
            self._move_times()
        if now - self._checked_at >= CHECK_EVERY:
            self._checked_at = now
            self._check()

    def _move_times(self) -> None:
        ends = self._logs.ask_if_there([partition for lane in self._lanes for partition in lane.at])
        for lane in self._lanes:
            moves: dict[int, Move] = {}
            lane.look_ahead(moves, ends)
            if moves:
                self._finish()
                self._submit(Work(lane, None, list(moves.values())))

    def _check(self) -> None:
        connection = self._connected()
        connection.execute("select ingest.end_frozen_writers(%s)", [FROZEN_AFTER])
        connection.execute(CLOSE_LOADS)
        self._watch.refuse_others({lane.topic: lane.source.topic_id for lane in self._lanes})
        self._metrics.outbox.set(self._outbox.sent)
        if self._status.is_due:
            ends = self._logs.ask_if_there([partition for lane in self._lanes for partition in lane.at])
            for lane in self._lanes:
                for partition, lag in lane.behind(ends).items():
                    self._metrics.lag.labels(lane.topic, partition).set(lag)
            self._note_troubles()
            self._status.partitions = sum(lane.partitions for lane in self._lanes)
            self._status.say(connection)

    def _note_troubles(self) -> None:
        troubles = [lane.trouble for lane in self._lanes if lane.trouble is not None]
        self._status.state = "waiting" if troubles else "running"
        for trouble in troubles:
            self._status.wrong(trouble)

    def _refuse_many_failures(self) -> None:
        limit = self._settings.ingest.max_failures
        failures = count_failures(self._connected(), limit)
        if failures >= limit:
            raise TooManyFailuresError(
                f"{failures} dead letters in an hour, of several tenants: ingest stops, since that is its own defect.",
                "See `lyceum dead-letters list`; when they are retried or discarded, ingest starts again.",
            )

    def _give_up(self, error: Exception) -> None:
        """All that is not committed is read again, from where the ledger is."""
        while self._committer.is_busy:
            self._committer.outcome(0.5)
        for lane in self._lanes:
            lane.forget()
        if isinstance(error, FencedError):
            self._metrics.fenced.inc()
            log.info("fenced off: another consumer was here")
            return
        self._back_off(error)

    def _back_off(self, error: Exception) -> None:
        log.warning("waiting", error=str(error).strip().splitlines()[0][:200] if str(error) else type(error).__name__)
        self._status.state = "waiting"
        self._status.wrong(error)
        if self._reading is not None and isinstance(error, OperationalError):
            self._reading.close()
            self._reading = None
        self._stop.wait(self._retry)
        self._retry = min(self._retry * 2, RETRY_MOST)

    def _connected(self) -> Connection:
        if self._reading is None or self._reading.closed:
            self._reading = connect(self._conninfo, autocommit=True, prepare_threshold=2)
        return self._reading

    def _make_batch(self) -> Batch:
        return StatementBatch(self._tenants, self._vocabulary)

    def _publish(self, letters: Sequence[DeadLetter]) -> None:
        topic = topic_names(self._settings.kafka).dead_letters
        self._publishing.send([Message(topic, None, note.payload, note.headers) for note in notes(letters)])

    def _leave(self, state: str) -> None:
        try:
            self._finish()
        except (Error, KafkaError, FencedError) as error:
            log.warning("the last batch was not written", error=str(error))
        self._watch.close()
        if self._lanes:
            for lane in self._lanes:
                lane.stop()
            self._committer.stop()
            self._outbox.stop()
            self._maintenance.stop()
            self._logs.close()
        self._publishing.close()
        try:
            self._status.state = state
            self._status.say(self._connected())
        except Error as error:
            log.warning("could not say goodbye", error=str(error))
        self._server.stop()


def serve(settings: Settings) -> None:
    Ingest(settings).run()
