"""Reads the topics again into the tables: into those that are there, which changes nothing that is, or empty ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kafka import KafkaConsumer, TopicPartition
from psycopg import Connection, connect

from core.database.address import role_conninfo
from core.errors import UserError
from core.kafka import client_options, open_admin, quiet_client
from core.lms.staging import prepare_staging as prepare_events
from core.settings import Settings
from core.topics import require_topics, topic_names
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from ingest.clients import fetch_options
from ingest.committer import SESSION
from ingest.dead_letters import bury
from ingest.events import EventBatch
from ingest.lane import MOST_BYTES, Batch
from ingest.ledger import Source, know_partitions
from ingest.statements import StatementBatch
from ingest.tenants import Tenants

ROLE = "lyceum_ingest"
STORED_HEADER = "stored"
BATCH = 4000

Progress = Callable[[int, int], None]


@dataclass
class Range:
    """Of one partition, from the first offset that is read up to, and without, the last."""

    topic: str
    partition: int
    begin: int
    first: int
    end: int


@dataclass
class Replayed:
    ranges: list[Range]
    records: int = 0
    statements: int = 0
    events: int = 0
    fresh: int = 0
    repeated: int = 0
    dead_letters: int = 0
    unknown_tenants: set[str] = field(default_factory=set)


def replay(settings: Settings, since: datetime | int | None, progress: Progress) -> Replayed:
    """From a time, an offset (of each partition), or the beginning."""
    quiet_client()
    with _connected(settings) as connection:
        reader = _Reader(settings)
        try:
            done = Replayed(reader.ranges(since))
            reader.write(connection, done, progress, lambda _: True)
        finally:
            reader.close()
    return done


def rebuild(settings: Settings, *, is_partial: bool, progress: Progress) -> Replayed:
    """What was written through while the broker was away comes first: it keeps the time that it was stored with."""
    quiet_client()
    with _connected(settings) as connection:
        _refuse_full(connection)
        reader = _Reader(settings)
        try:
            done = Replayed(reader.ranges(None))
            _refuse_cut(done.ranges, is_partial=is_partial)
            reader.write(connection, Replayed(done.ranges), progress, _was_written_through)
            reader.write(connection, done, progress, lambda _: True)
            reader.move_ledger(connection, done.ranges)
        finally:
            reader.close()
    return done


class _Reader:
    """Of the topics, without a group: nobody else is disturbed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        names = topic_names(settings.kafka)
        self._lanes = {names.statements: "statements", names.bulk: "bulk", names.events: "events"}
        self._states = require_topics(settings.kafka)
        with open_admin(settings.kafka) as admin:
            self._cluster_id = str(admin.describe_cluster()["cluster_id"])
        self._consumer = KafkaConsumer(
            **client_options(settings.kafka),
            **fetch_options(settings.kafka.max_record_mb),
            group_id=None,
        )
        self._vocabulary = Vocabulary()

    def ranges(self, since: datetime | int | None) -> list[Range]:
        partitions = [
            TopicPartition(topic, number) for topic in self._lanes for number in range(self._states[topic].partitions)
        ]
        begins, ends = self._consumer.beginning_offsets(partitions), self._consumer.end_offsets(partitions)
        firsts = self._firsts(partitions, since, begins, ends)
        return [Range(each.topic, each.partition, begins[each], firsts[each], ends[each]) for each in partitions]

    def write(
        self, connection: Connection, done: Replayed, progress: Progress, is_wanted: Callable[[Any], bool]
    ) -> None:
        tenants = Tenants(lambda: connection)
        batches: dict[str, Batch] = {}
        total = sum(each.end - each.first for each in done.ranges)
        for record in self._records(done.ranges):
            done.records += 1
            if is_wanted(record):
                batch = batches.get(record.topic) or self._make_batch(record.topic, tenants)
                batch.add(record, self._topic_id(record.topic), None)
                batches[record.topic] = batch
                if batch.size >= BATCH or batch.bytes >= MOST_BYTES:
                    _commit(connection, batches.pop(record.topic), done)
            if done.records % 100 == 0:
                progress(done.records, total)
        for batch in batches.values():
            _commit(connection, batch, done)
        progress(done.records, total)

    def _make_batch(self, topic: str, tenants: Tenants) -> Batch:
        return EventBatch(tenants) if self._lanes[topic] == "events" else StatementBatch(tenants, self._vocabulary)

    def move_ledger(self, connection: Connection, ranges: Sequence[Range]) -> None:
        for topic, lane in self._lanes.items():
            source = Source(self._cluster_id, self._topic_id(topic))
            know_partitions(connection, source, topic, lane, self._states[topic].partitions)
            for each in ranges:
                if each.topic == topic:
                    connection.execute(
                        "update ingest.ledger set next_offset = greatest(next_offset, %s) "
                        "where cluster_id = %s and topic_id = %s and topic_partition = %s",
                        [each.end, *source, each.partition],
                    )

    def close(self) -> None:
        self._consumer.close()

    def _records(self, ranges: Sequence[Range]) -> Iterator[Any]:
        left = {TopicPartition(each.topic, each.partition): each.end for each in ranges if each.first < each.end}
        self._consumer.assign(list(left))
        # A second reading begins where the first has paused.
        self._consumer.resume(*left)
        for each in ranges:
            if each.first < each.end:
                self._consumer.seek(TopicPartition(each.topic, each.partition), each.first)
        while left:
            for partition, records in self._consumer.poll(timeout_ms=1000).items():
                yield from (record for record in records if record.offset < left.get(partition, 0))
            for partition in [each for each, end in left.items() if self._consumer.position(each) >= end]:
                del left[partition]
                self._consumer.pause(partition)

    def _topic_id(self, topic: str) -> UUID:
        topic_id = self._states[topic].topic_id
        assert topic_id is not None  # noqa: S101 - required to be there
        return topic_id

    def _firsts(
        self,
        partitions: Sequence[TopicPartition],
        since: datetime | int | None,
        begins: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
    ) -> Mapping[TopicPartition, int]:
        if since is None:
            return begins
        if isinstance(since, int):
            return {each: min(max(since, begins[each]), ends[each]) for each in partitions}
        found = self._consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
        return {each: found[each].offset if found.get(each) else ends[each] for each in partitions}


def _commit(connection: Connection, batch: Batch, done: Replayed) -> None:
    tenants = batch.tenant_ids
    with connection.transaction():
        if tenants:
            row = connection.execute("select ingest.open_batch(%s, %s)", [batch.source, tenants]).fetchone()
            assert row is not None  # noqa: S101 - a function gives one row
            batch.write(connection, row[0])
        bury(connection, batch.letters)
    batch.committed()
    if batch.source == "events":
        done.events += batch.size
    else:
        done.statements += batch.size
        done.fresh += batch.fresh
        done.repeated += batch.repeated
    done.dead_letters += len(batch.letters)
    done.unknown_tenants |= {letter.detail for letter in batch.letters if letter.reason == "unknown_tenant"}


def _was_written_through(record: Any) -> bool:
    return any(name == STORED_HEADER for name, _ in record.headers)


def _connected(settings: Settings) -> Connection:
    connection = connect(role_conninfo(settings.database, ROLE), autocommit=True, prepare_threshold=2, options=SESSION)
    prepare_staging(connection)
    prepare_events(connection)
    return connection


def _refuse_full(connection: Connection) -> None:
    row = connection.execute(
        "select exists (select from xapi.statement_ids), exists (select from ingest.consumers "
        "where state = 'running' and seen_at > now() - interval '10 seconds')"
    ).fetchone()
    if row and row[0]:
        raise UserError(
            "The database has statements already.", "`lyceum ingest replay` adds what is missing; rebuild needs none."
        )
    if row and row[1]:
        raise UserError("ingest is running.", "Stop it first: it would write the same statements at the same time.")


def _refuse_cut(ranges: Sequence[Range], *, is_partial: bool) -> None:
    cut = [f"{each.topic} partition {each.partition} begins at {each.begin}" for each in ranges if each.begin > 0]
    if cut and not is_partial:
        raise UserError(
            f"The beginning of the topic is gone: {', '.join(cut)}.",
            "With `--partial`, what is still there is written. Older statements come from a backup of the database.",
        )
