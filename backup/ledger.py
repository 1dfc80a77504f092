"""What the restored ledger means for the broker there is."""

from collections.abc import Iterator
from uuid import UUID

from core.database.address import connect_admin
from core.errors import UserError
from core.kafka import open_admin
from core.settings import Settings
from core.topics import check_topics

LEDGER = """
select topic, cluster_id, topic_id, array_agg(next_offset order by topic_partition)
from ingest.ledger where retired_at is null group by topic, cluster_id, topic_id order by topic
"""
OUTBOX = "select count(*) from ingest.outbox"


def compare(settings: Settings) -> Iterator[str]:
    """One sentence for each topic that was read, and what to do about it."""
    with connect_admin(settings.database) as connection:
        known = connection.execute(LEDGER).fetchall()
        (waiting,) = connection.execute(OUTBOX).fetchone() or (0,)
    if waiting:
        yield f"{waiting} envelopes waited for the broker: ingest publishes them, and what it has seen stays once."
    if not known:
        yield "Nothing had been read from a topic yet: ingest begins at the beginning."
        return
    try:
        cluster_id, topics = _present(settings)
    except UserError as error:
        yield f"Whether the topics are the same cannot be said: {error.message}"
        return
    for topic, cluster, topic_id, offsets in known:
        if (cluster, topic_id) == (cluster_id, topics.get(topic)):
            yield f"{topic}: the same topic; ingest goes on at {', '.join(map(str, offsets))}."
        else:
            yield (
                f"{topic}: another topic than the one that was read. Ingest stops there until `lyceum ingest "
                "adopt-topic` begins with it; what only the old one had, accepted after the backup, is lost."
            )


def _present(settings: Settings) -> tuple[str, dict[str, UUID | None]]:
    with open_admin(settings.kafka) as admin:
        cluster_id = str(admin.describe_cluster()["cluster_id"])
    return cluster_id, {state.name: state.topic_id for state in check_topics(settings.kafka)}
