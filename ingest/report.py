"""What the process tells of its work: to Prometheus, to `lyceum ingest status`, to its log."""

import threading
from collections.abc import Iterable, Sequence

import structlog
from psycopg import Connection

from ingest.ends import Ends
from ingest.lane import Batch, Lane
from ingest.ledger import Move
from ingest.metrics import Metrics
from ingest.status import Status

log = structlog.get_logger("ingest")


class Report:
    """Several threads tell it."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.metrics.running.set_function(lambda: self.is_running)
        self._status = Status()
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        return self._status.state == "running"

    @property
    def is_due(self) -> bool:
        return self._status.is_due

    def runs(self) -> None:
        self._status.state = "running"

    def waits(self, error: Exception) -> None:
        log.warning("waiting", error=str(error).strip().splitlines()[0][:200] if str(error) else type(error).__name__)
        self._status.state = "waiting"
        self._status.wrong(error)

    def wrong(self, error: Exception) -> None:
        self._status.wrong(error)

    def fenced(self) -> None:
        self.metrics.fenced.inc()

    def wrote(self, lane: Lane, batch: Batch, moves: Sequence[Move], seconds: float) -> None:
        records = sum(each.to_offset - each.from_offset for each in moves)
        with self._lock:
            self._status.records += records
            self._status.statements += batch.fresh if lane.name != "events" else 0
        self.metrics.records.labels(lane.name).inc(records)
        (self.metrics.events if lane.name == "events" else self.metrics.statements.labels(lane.name)).inc(batch.fresh)
        self.metrics.repeated.labels(lane.name).inc(batch.repeated)
        self.metrics.late.labels(lane.name).inc(batch.late)
        self.metrics.batch.labels(lane.name).observe(batch.size)
        self.metrics.seconds.labels(lane.name).observe(seconds)
        for letter in batch.letters:
            self.metrics.dead_letters.labels(letter.reason).inc()

    def stands(self, lanes: Iterable[Lane], ends: Ends) -> None:
        """Where each lane is; one in trouble makes the whole a waiting one."""
        lanes = list(lanes)
        # Partitions that went to another process are its to tell of.
        self.metrics.lag.clear()
        for lane in lanes:
            for partition, lag in lane.behind(ends).items():
                self.metrics.lag.labels(lane.topic, partition).set(lag)
        troubles = [lane.trouble for lane in lanes if lane.trouble is not None]
        self._status.state = "waiting" if troubles else "running"
        for trouble in troubles:
            self._status.wrong(trouble)
        self._status.partitions = sum(lane.partitions for lane in lanes)

    def say(self, connection: Connection, state: str | None = None) -> None:
        self._status.state = state or self._status.state
        self._status.say(connection)
