"""The clients that lanes work with, and the lanes of a process."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from kafka import KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from psycopg import Connection

from core.kafka import client_options, open_admin
from core.settings import Settings
from core.topics import group_name, require_topics, topic_names
from ingest.connections import Connections
from ingest.ends import EndsOfLogs
from ingest.lane import Batch, Lane
from ingest.ledger import Source, know_partitions
from ingest.topic_watch import other_topic

MIB = 1 << 20
# Fetched ahead by a client, for all its partitions together.
FETCH_MIB = 8


class Consumer(KafkaConsumer):  # type: ignore[misc]
    """Takes up its partitions even if the join outlasts a poll.

    The client joins once more when it comes to know the topic's partitions. If a poll ends while such a join is under
    way, the join is finished, but nobody looks at what it brought: the consumer stands idle for good, and whoever has
    its place in the group waits for it. The next poll then joins anew.
    """

    def poll(self, *given: Any, **named: Any) -> Any:
        found = super().poll(*given, **named)
        joining = self._coordinator._join_task  # noqa: SLF001 - there is no other sign of it
        if joining is not None and joining.is_done and not self._coordinator.need_rejoin():
            self._coordinator.request_rejoin()
        return found


class Clients:
    def __init__(self, settings: Settings, connections: Connections) -> None:
        self._settings = settings
        self._connections = connections
        self._news = threading.Event()

    def consumer(self, topic: str) -> Any:
        kafka, session_ms = self._settings.kafka, int(self._settings.ingest.session_timeout * 1000)
        return Consumer(
            **client_options(kafka),
            **fetch_options(kafka.max_record_mb),
            group_id=group_name(kafka, topic),
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
        )

    def connect(self) -> Connection:
        return self._connections.connect()

    def logs(self) -> EndsOfLogs:
        return EndsOfLogs(self._settings.kafka)

    def news(self) -> None:
        self._news.set()

    def await_news(self, seconds: float) -> None:
        self._news.wait(seconds)
        self._news.clear()


def fetch_options(max_record_mb: int) -> dict[str, Any]:
    """Positions come from us, and memory is bounded whatever waits on the broker."""
    return {
        "auto_offset_reset": "none",
        "enable_auto_commit": False,
        "fetch_max_bytes": FETCH_MIB * MIB,
        "max_partition_fetch_bytes": FETCH_MIB * MIB // 2,
        "receive_message_max_bytes": (max_record_mb + 2 * FETCH_MIB) * MIB,
        "max_poll_records": 500,
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


def open_lanes(
    settings: Settings, clients: Clients, lanes: Sequence[str], make_batch: Callable[[], Batch]
) -> list[Lane]:
    names = topic_names(settings.kafka)
    states = require_topics(settings.kafka)
    with open_admin(settings.kafka) as admin:
        cluster_id = str(admin.describe_cluster()["cluster_id"])
    opened = []
    with clients.connect() as connection:
        for name in lanes:
            topic = getattr(names, name)
            state = states[topic]
            assert state.topic_id is not None  # noqa: S101 - required to be there
            source = Source(cluster_id, state.topic_id)
            if not know_partitions(connection, source, topic, name, state.partitions):
                raise other_topic(topic, state.topic_id)
            opened.append(Lane(name, topic, source, make_batch, clients))
    return opened
