"""Goes on with a topic whose past is not the one that the ledger knows: by a person's decision only."""

from dataclasses import dataclass

from kafka import TopicPartition
from psycopg import Connection, connect

from core.database.address import role_conninfo
from core.kafka import open_admin, quiet_client
from core.settings import Settings
from core.topics import require_topics, topic_names
from ingest.ends import EndsOfLogs
from ingest.ledger import Source, know_partitions, read_positions

ROLE = "lyceum_ingest"

RETIRE = """
update ingest.ledger set retired_at = now()
where topic = %s and retired_at is null and (cluster_id, topic_id) <> (%s, %s)
returning topic_partition, next_offset
"""
GO_TO = """
update ingest.ledger set next_offset = %s, updated_at = now()
where cluster_id = %s and topic_id = %s and topic_partition = %s
"""


@dataclass
class Adopted:
    """`before` is where the old topic's partitions stood, `skipped` what of the present one was passed over."""

    topic: str
    topic_id: str
    before: dict[int, int]
    skipped: list[str]


def adopt_topics(settings: Settings, *, accept_loss: bool) -> list[Adopted]:
    """Those that are other ones now begin at their beginning; with `accept_loss`, lost ranges are passed over."""
    quiet_client()
    states = require_topics(settings.kafka)
    with open_admin(settings.kafka) as admin:
        cluster_id = str(admin.describe_cluster()["cluster_id"])
    logs = EndsOfLogs(settings.kafka)
    names = topic_names(settings.kafka)
    adopted = []
    try:
        with connect(role_conninfo(settings.database, ROLE)) as connection:
            for lane, topic in (("statements", names.statements), ("bulk", names.bulk), ("events", names.events)):
                state = states[topic]
                assert state.topic_id is not None  # noqa: S101 - required to be there
                source = Source(cluster_id, state.topic_id)
                before = {row[0]: row[1] for row in connection.execute(RETIRE, [topic, *source])}
                know_partitions(connection, source, topic, lane, state.partitions)
                skipped = _pass_over(connection, source, topic, logs) if accept_loss else []
                if before or skipped:
                    adopted.append(Adopted(topic, str(state.topic_id), before, skipped))
    finally:
        logs.close()
    return adopted


def _pass_over(connection: Connection, source: Source, topic: str, logs: EndsOfLogs) -> list[str]:
    positions = read_positions(connection, source)
    partitions = [TopicPartition(topic, number) for number in positions]
    begins, ends = logs.begins(partitions), logs.ask(partitions).offsets
    skipped = []
    for partition in partitions:
        wanted = positions[partition.partition].next_offset
        found = min(max(wanted, begins[partition]), ends[partition])
        if found != wanted:
            connection.execute(GO_TO, [found, *source, partition.partition])
            skipped.append(f"partition {partition.partition}: from offset {wanted} to {found}")
    return skipped
