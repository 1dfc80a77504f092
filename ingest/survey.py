"""Where ingest stands, as `lyceum ingest status` shows it: by the ledger, the broker, and what consumers say."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError
from psycopg import connect
from psycopg.rows import dict_row

from core.database.address import role_conninfo
from core.kafka import quiet_client
from core.settings import Settings
from ingest.ends import EndsOfLogs

ROLE = "lyceum_ingest"

PARTITIONS = """
select topic, topic_partition, next_offset, through from ingest.ledger
where retired_at is null order by topic, topic_partition
"""
CONSUMERS = """
select consumer_id, state, partitions, records, statements, statements_per_second, seen_at, last_error, last_error_at
from ingest.consumers where seen_at > now() - interval '1 hour' order by seen_at desc
"""
COUNTS = """
select
    (select count(*) from ingest.outbox) as outbox,
    (select count(*) from ingest.bulk_loads where closed_at is null) as bulk_loads,
    (select count(distinct (tenant_id, event_key)) from lms.waiting_events) as waiting_events,
    (select min(waiting_since) from lms.waiting_events) as waiting_since,
    (select min(through) from ingest.ledger where lane = 'statements' and retired_at is null) as through
"""
DEAD_LETTERS = """
select reason, count(*) as letters from ingest.dead_letters where settled_at is null group by reason order by reason
"""


@dataclass
class PartitionLag:
    """`records` is unknown while the broker is away; `seconds`, from its time, says how old the tables are then."""

    topic: str
    partition: int
    next_offset: int
    records: int | None
    seconds: float | None


@dataclass
class Survey:
    broker: str
    through: datetime | None
    partitions: list[PartitionLag]
    consumers: list[dict[str, Any]]
    outbox: int
    bulk_loads: int
    waiting_events: int
    waiting_since: datetime | None
    dead_letters: dict[str, int]


def survey(settings: Settings) -> Survey:
    quiet_client()
    with connect(role_conninfo(settings.database, ROLE), row_factory=dict_row) as connection:
        rows = connection.execute(PARTITIONS).fetchall()
        consumers = connection.execute(CONSUMERS).fetchall()
        counts = dict(connection.execute(COUNTS).fetchone() or {})
        letters = {row["reason"]: row["letters"] for row in connection.execute(DEAD_LETTERS)}
    ends = _ends(settings, [TopicPartition(row["topic"], row["topic_partition"]) for row in rows])
    partitions = [_lag(row, ends) for row in rows]
    broker = "ok" if ends or not rows else "away"
    return Survey(broker=broker, partitions=partitions, consumers=consumers, dead_letters=letters, **counts)


def _lag(row: dict[str, Any], ends: dict[TopicPartition, int]) -> PartitionLag:
    end = ends.get(TopicPartition(row["topic"], row["topic_partition"]))
    records = None if end is None else max(end - row["next_offset"], 0)
    seconds = None
    if records != 0 and row["through"] is not None:
        seconds = max((datetime.now(UTC) - row["through"]).total_seconds(), 0.0)
    return PartitionLag(row["topic"], row["topic_partition"], row["next_offset"], records, seconds)


def _ends(settings: Settings, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    if settings.kafka.bootstrap is None:
        return {}
    try:
        logs = EndsOfLogs(settings.kafka)
    except KafkaError:
        return {}
    try:
        return dict(logs.ask_if_there(partitions).offsets)
    finally:
        logs.close()
