"""One topic as this process reads it: a thread that fetches ahead, and what it fetched, in the order of the log.

Where each partition stands comes from the ledger alone. When something goes wrong all that is not committed is
forgotten, and read again from there.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from psycopg import Connection, Error

from core.envelope import NewerWireError
from core.errors import UserError
from ingest.dead_letters import DeadLetter
from ingest.ends import Ends, EndsOfLogs
from ingest.ledger import Move, Position, Source, know_partitions, read_positions

# How long the thread waits for records before it looks whether it is wanted otherwise.
POLL_MS = 200
# What waits here, and what a batch has, beside what the client has fetched; the rest waits on the broker.
MOST_BYTES = 8 << 20
TELL_EVERY = 5.0
RETRY_FIRST, RETRY_MOST = 0.2, 3.0
MILLISECOND = timedelta(milliseconds=1)
# The broker takes a record's time, writes it to disk, and only then shows it. One that takes longer than this is
# stored with a later time than the broker's.
LONGEST_APPEND = timedelta(milliseconds=100)

log = structlog.get_logger("ingest.lane")


class LostRangeError(UserError):
    """Records that were never written are gone from the topic: a person must know."""

    exit_code = 3


class Batch(Protocol):
    source: str
    letters: list[DeadLetter]
    size: int
    bytes: int
    fresh: int
    repeated: int
    late: int

    @property
    def tenant_ids(self) -> list[int]: ...

    def add(self, record: Any, topic_id: UUID, after: datetime | None) -> datetime: ...

    def write(self, connection: Connection, batch_id: int) -> None: ...

    def committed(self) -> None: ...

    def given_up(self) -> None: ...


class Tools(Protocol):
    """What a lane is given: clients of its own, and a way to say that something came."""

    def consumer(self, topic: str) -> Any: ...

    def connect(self) -> Connection: ...

    def logs(self) -> EndsOfLogs: ...

    def news(self) -> None: ...


class Lane(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, name: str, topic: str, source: Source, make_batch: Callable[[], Batch], tools: Tools) -> None:
        self.name = name
        self.topic = topic
        self.source = source
        self.make_batch = make_batch
        self._tools = tools
        self._lock = threading.Lock()
        self._positions: dict[int, Position] = {}
        self._unsettled: set[int] = set()
        self._waiting: deque[Any] = deque()
        self._bytes = 0
        # Each time that all is forgotten: what was fetched before must not come in after.
        self._age = 0
        self._taken = threading.Event()
        self._stop = threading.Event()
        self._to_tell: dict[int, int] = {}
        self._told_at = time.monotonic()
        self._fault: Exception | None = None
        self._consumer: Any = None
        self._logs: Any = None
        self.trouble: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"lane {name}", daemon=True)

    # From here on, what the main thread calls.

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._taken.set()
        self._thread.join()

    @property
    def has_news(self) -> bool:
        return bool(self._waiting) or self._fault is not None

    @property
    def partitions(self) -> int:
        return len(self._positions)

    def forget(self) -> None:
        """All that was fetched and not committed. The thread goes to where the ledger is."""
        with self._lock:
            self._age += 1
            self._waiting.clear()
            self._bytes = 0
            self._unsettled |= self._positions.keys()
            self._positions.clear()
        self._taken.set()

    def fill(self, batch: Batch, moves: dict[int, Move], most: int) -> None:
        """Until the batch has so many statements, or nothing waits, or what waits next must be left alone."""
        while self._fault is None and batch.size + len(batch.letters) < most and batch.bytes < MOST_BYTES:
            found = self._next()
            if found is None:
                break
            record, position = found
            try:
                stored = batch.add(record, self.source.topic_id, position.through)
            except NewerWireError:
                self._fault = _newer(record)
                break
            self._advance(moves, record, stored, position)
        if self._fault is not None and not moves:
            raise self._fault

    @property
    def at(self) -> list[TopicPartition]:
        """The partitions whose position is known."""
        return [TopicPartition(self.topic, number) for number in list(self._positions)]

    def look_ahead(self, moves: dict[int, Move], ends: Ends) -> None:
        """Partitions that are read to their end: all that was appended before is there."""
        for partition, end in ends.offsets.items():
            number = partition.partition
            position = self._positions.get(number)
            if partition.topic == self.topic and position is not None and position.next_offset == end:
                begun = moves.get(number) or Move(number, end, end, None, None)
                through = ends.asked_at - LONGEST_APPEND
                moves[number] = begun._replace(through=max(through, begun.through or through))

    def promise(self, moves: Iterable[Move]) -> None:
        """It is being committed, or all is read again: what it says binds what comes."""
        with self._lock:
            for move in moves:
                position = self._positions.get(move.partition)
                if position is not None and move.through is not None:
                    through = max(position.through or move.through, move.through)
                    self._positions[move.partition] = position._replace(through=through)

    def moved(self, moves: Iterable[Move]) -> None:
        """It was committed."""
        with self._lock:
            self._to_tell |= {move.partition: move.to_offset for move in moves}

    def behind(self, ends: Ends) -> dict[int, int]:
        """Records that are not written yet, by partition."""
        return {
            partition.partition: max(end - position.next_offset, 0)
            for partition, end in ends.offsets.items()
            if partition.topic == self.topic and (position := self._positions.get(partition.partition)) is not None
        }

    def _next(self) -> tuple[Any, Position] | None:
        """With where its partition stands, which another thread may change at any time."""
        self._taken.set()
        with self._lock:
            while self._waiting:
                record = self._waiting.popleft()
                self._bytes -= len(record.value or b"")
                position = self._positions[record.partition]
                if record.offset >= position.next_offset:
                    return record, position
        return None

    def _advance(self, moves: dict[int, Move], record: Any, stored: datetime, position: Position) -> None:
        number = record.partition
        begun = moves.get(number)
        from_offset = begun.from_offset if begun else position.next_offset
        first = min(begun.first, stored) if begun and begun.first else stored
        # The next record may have the same time.
        moves[number] = Move(number, from_offset, record.offset + 1, first, stored - MILLISECOND)
        with self._lock:
            # Else it was taken away meanwhile, and may have come again.
            if self._positions.get(number) is position:
                self._positions[number] = Position(record.offset + 1, position.through)

    # What the client's thread calls, when partitions change hands.

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        for partition in assigned:
            # Some position must be there; nothing is fetched from it before the ledger was asked.
            self._consumer.pause(partition)
            self._consumer.seek(partition, 0)
            with self._lock:
                self._unsettled.add(partition.partition)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        with self._lock:
            for partition in revoked:
                self._unsettled.discard(partition.partition)
                self._positions.pop(partition.partition, None)
            # Should the partition come again, it is read from the ledger's offset, and nothing before what waits here.
            self._waiting = deque(record for record in self._waiting if record.partition in self._positions)
            self._bytes = sum(len(record.value or b"") for record in self._waiting)

    # The rest runs in the lane's own thread.

    def _run(self) -> None:
        retry = RETRY_FIRST
        while not self._stop.is_set():
            try:
                self._open()
                self._settle()
                self._fetch()
                self._tell_broker()
            # The client's words for a partition that was taken away meanwhile: KeyError, ValueError.
            except (Error, KafkaError, KeyError, ValueError) as error:
                log.warning("waiting", lane=self.name, error=str(error) or type(error).__name__)
                self.trouble = error
                self.forget()
                self._stop.wait(retry)
                retry = min(retry * 2, RETRY_MOST)
            except Exception as fault:  # noqa: BLE001 - the main thread ends with it: a lane must not die unheard
                self._fault = fault
                self._tools.news()
                break
            else:
                retry = RETRY_FIRST
        self._close()

    def _open(self) -> None:
        if self._consumer is None:
            self._consumer = self._tools.consumer(self.topic)
            self._consumer.subscribe([self.topic], listener=self)
        if self._logs is None:
            self._logs = self._tools.logs()

    def _close(self) -> None:
        if self._logs is not None:
            self._logs.close()
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=5000)

    def _settle(self) -> None:
        """To where the ledger is, for the partitions that came, or whose position is in doubt."""
        assigned = {partition.partition for partition in self._consumer.assignment()}
        with self._lock:
            age = self._age
            self._unsettled &= assigned
            wanted = sorted(self._unsettled)
        if not wanted:
            return
        partitions = [TopicPartition(self.topic, number) for number in wanted]
        self._consumer.pause(*partitions)
        with self._tools.connect() as connection:
            known = read_positions(connection, self.source)
            if not known.keys() >= set(wanted):
                # Partitions that were added to the topic.
                know_partitions(connection, self.source, self.topic, self.name, max(wanted) + 1)
                known = read_positions(connection, self.source)
        begins, ends = self._logs.begins(partitions), self._logs.ask(partitions).offsets
        for partition in partitions:
            position = known[partition.partition]
            _refuse_lost(partition, position.next_offset, begins[partition], ends[partition])
            self._consumer.seek(partition, position.next_offset)
        with self._lock:
            if age != self._age:
                return
            self._unsettled -= set(wanted)
            self._positions |= {number: known[number] for number in wanted}
        self._consumer.resume(*partitions)
        self.trouble = None

    def _fetch(self) -> None:
        while self._bytes > MOST_BYTES and not self._stop.is_set():
            self._taken.wait(1.0)
            self._taken.clear()
        fetched = self._consumer.poll(timeout_ms=POLL_MS)
        if not fetched:
            return
        with self._lock:
            for partition, records in fetched.items():
                # Forgotten or taken away meanwhile: it will be read again, from where the ledger is.
                if partition.partition in self._positions:
                    self._waiting.extend(records)
                    self._bytes += sum(len(record.value or b"") for record in records)
        self._tools.news()

    def _tell_broker(self) -> None:
        """For those who watch lag there; nothing here is read from it."""
        now = time.monotonic()
        if not self._to_tell or now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        with self._lock:
            told, self._to_tell = self._to_tell, {}
        assigned = self._consumer.assignment()
        offsets = {TopicPartition(self.topic, number): OffsetAndMetadata(end, "", -1) for number, end in told.items()}
        self._consumer.commit_async({each: offset for each, offset in offsets.items() if each in assigned})


def _refuse_lost(partition: TopicPartition, wanted: int, begin: int, end: int) -> None:
    if begin <= wanted <= end:
        return
    if wanted < begin:
        lost = f"offsets {wanted} to {begin - 1} were never written to the database, and the log begins at {begin}"
    else:
        lost = f"the log ends before offset {end}, though all before {wanted} was read: it was cut, or restored"
    raise LostRangeError(
        f"Partition {partition.partition} of {partition.topic}: {lost}.",
        "Find out why. Then `lyceum ingest adopt-topic --accept-loss` goes on from what is there.",
    )


def _newer(record: Any) -> UserError:
    return UserError(
        f"Offset {record.offset} of partition {record.partition} of {record.topic} was written by a newer Lyceum.",
        "Upgrade ingest: nothing was touched.",
    )
