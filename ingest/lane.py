"""One topic as this process reads it: its partitions, where each stands, and the records that wait."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.structs import OffsetAndMetadata
from psycopg import Connection

from core.envelope import NewerWireError
from core.errors import UserError
from core.kafka import client_options
from core.settings import Settings
from core.topics import group_name
from ingest.dead_letters import DeadLetter
from ingest.ends import Ends, EndsOfLogs
from ingest.ledger import Move, Position, Source, know_partitions, read_positions

MIB = 1 << 20
# Fetched ahead, for all partitions together: what waits on the broker stays on the broker.
FETCH_MIB = 8
MILLISECOND = timedelta(milliseconds=1)

log = structlog.get_logger("ingest.lane")


class LostRangeError(UserError):
    """Records that were never written are gone from the topic: a person must know."""

    exit_code = 3


class Batch(Protocol):
    source: str
    letters: list[DeadLetter]
    size: int
    fresh: int
    repeated: int

    @property
    def tenant_ids(self) -> list[int]: ...

    def add(self, record: Any, topic_id: UUID, after: datetime | None) -> datetime: ...

    def write(self, connection: Connection, batch_id: int) -> None: ...

    def committed(self) -> None: ...


class Lane(ConsumerRebalanceListener):  # type: ignore[misc]
    """What `moves` says is done once `settle` is called again, or given up: positions come from the ledger alone."""

    def __init__(
        self, settings: Settings, name: str, topic: str, source: Source, make_batch: Callable[[], Batch]
    ) -> None:
        self.name = name
        self.topic = topic
        self.source = source
        self.make_batch = make_batch
        self._positions: dict[int, Position] = {}
        self._unsettled: set[int] = set()
        self._waiting: deque[Any] = deque()
        self._newer: UserError | None = None
        self._consumer = KafkaConsumer(
            **client_options(settings.kafka),
            group_id=group_name(settings.kafka, topic),
            auto_offset_reset="none",
            enable_auto_commit=False,
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            fetch_max_bytes=FETCH_MIB * MIB,
            max_partition_fetch_bytes=FETCH_MIB * MIB // 2,
            receive_message_max_bytes=(settings.kafka.max_record_mb + 2 * FETCH_MIB) * MIB,
            fetch_max_wait_ms=500,
            max_poll_records=500,
            session_timeout_ms=int(settings.ingest.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.ingest.session_timeout * 1000 / 4),
            reconnect_backoff_max_ms=1000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        self._consumer.subscribe([topic], listener=self)

    # The next two run on the client's own thread, when partitions change hands.

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        for partition in assigned:
            # Some position must be there; nothing is fetched from it before the ledger was asked.
            self._consumer.pause(partition)
            self._consumer.seek(partition, 0)
            self._unsettled.add(partition.partition)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        for partition in revoked:
            self._unsettled.discard(partition.partition)
            self._positions.pop(partition.partition, None)

    @property
    def partitions(self) -> int:
        return len(self._positions)

    @property
    def is_settled(self) -> bool:
        return not self._unsettled

    def unsettle(self) -> None:
        """What was read and not written is read again."""
        self._waiting.clear()
        self._positions.clear()
        for partition in self._consumer.assignment():
            self._consumer.pause(partition)
            self._unsettled.add(partition.partition)

    def settle(self, connection: Connection, logs: EndsOfLogs) -> None:
        """Goes to where the ledger is, for the partitions that came or whose position is in doubt."""
        assigned = {partition.partition for partition in self._consumer.assignment()}
        self._unsettled &= assigned
        wanted = sorted(self._unsettled)
        known = read_positions(connection, self.source)
        if not known.keys() >= self._unsettled:
            # Partitions that were added to the topic.
            know_partitions(connection, self.source, self.topic, self.name, max(wanted) + 1)
            known = read_positions(connection, self.source)
        partitions = [TopicPartition(self.topic, number) for number in wanted]
        begins, ends = logs.begins(partitions), logs.ask(partitions).offsets
        for partition in partitions:
            number = partition.partition
            position = known.get(number)
            if position is None:
                raise LostRangeError(
                    f"The ledger does not know partition {number} of {self.topic} ({self.source.topic_id}).",
                    "`lyceum ingest adopt-topic` begins with it.",
                )
            _refuse_lost(self.topic, number, position.next_offset, begins[partition], ends[partition])
            self._consumer.seek(partition, position.next_offset)
            self._positions[number] = position
            self._unsettled.discard(number)
            self._consumer.resume(partition)

    def poll(self, wait_ms: int) -> bool:
        """Whether anything waits."""
        if not self._waiting:
            for records in self._consumer.poll(timeout_ms=wait_ms).values():
                self._waiting.extend(records)
        return bool(self._waiting)

    def fill(self, batch: Batch, moves: dict[int, Move], most: int) -> None:
        """Until the batch has so many statements, or nothing waits."""
        while batch.size < most and (self._waiting or self.poll(0)):
            record = self._waiting.popleft()
            position = self._positions.get(record.partition)
            if position is None or record.offset < position.next_offset:
                continue
            try:
                stored = batch.add(record, self.source.topic_id, position.through)
            except NewerWireError:
                self._waiting.appendleft(record)
                self._newer = _newer(record)
                break
            self._advance(moves, record, stored, position)
        if self._newer is not None and not moves:
            raise self._newer

    def _advance(self, moves: dict[int, Move], record: Any, stored: datetime, position: Position) -> None:
        number = record.partition
        begun = moves.get(number)
        from_offset = begun.from_offset if begun else position.next_offset
        first = min(begun.first, stored) if begun and begun.first else stored
        # The next record may have the same time.
        moves[number] = Move(number, from_offset, record.offset + 1, first, stored - MILLISECOND)
        self._positions[number] = Position(record.offset + 1, position.through)

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
                moves[number] = begun._replace(through=ends.asked_at - MILLISECOND)

    def moved(self, moves: Iterable[Move]) -> None:
        """It was committed: what was promised binds what comes."""
        for move in moves:
            position = self._positions.get(move.partition)
            if position is not None and move.through is not None:
                through = max(position.through or move.through, move.through)
                self._positions[move.partition] = position._replace(through=through)

    def lags(self) -> dict[int, int]:
        """Records that wait on the broker, as far as it has told."""
        waiting = {}
        for number, position in dict(self._positions).items():
            partition = TopicPartition(self.topic, number)
            if partition in self._consumer.assignment() and (end := self._consumer.highwater(partition)) is not None:
                waiting[number] = max(end - position.next_offset, 0)
        return waiting

    def tell_broker(self, moves: Iterable[Move]) -> None:
        """For those who watch lag there; nothing here is read from it."""
        offsets = {
            TopicPartition(self.topic, move.partition): OffsetAndMetadata(move.to_offset, "", -1)
            for move in moves
            if move.to_offset > move.from_offset
        }
        if offsets:
            self._consumer.commit_async(offsets)

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=5000)


def _refuse_lost(topic: str, partition: int, wanted: int, begin: int, end: int) -> None:
    if begin <= wanted <= end:
        return
    if wanted < begin:
        lost = f"offsets {wanted} to {begin - 1} were never written to the database, and the log begins at {begin}"
    else:
        lost = f"the log ends before offset {end}, though all before {wanted} was read: it was cut, or restored"
    raise LostRangeError(
        f"Partition {partition} of {topic}: {lost}.",
        "Find out why. Then `lyceum ingest adopt-topic --accept-loss` goes on from what is there.",
    )


def _newer(record: Any) -> UserError:
    return UserError(
        f"Offset {record.offset} of partition {record.partition} of {record.topic} was written by a newer Lyceum.",
        "Upgrade ingest: nothing was touched.",
    )
