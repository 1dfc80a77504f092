"""Where the topics' logs begin and end now.

On a connection of its own: a consumer's is kept busy by its fetch, which the broker answers first.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from core.kafka import client_options
from core.settings import KafkaSettings

ASK_MS = 1000


Offsets = Mapping[TopicPartition, int]


class Ends(NamedTuple):
    """All that was appended before `asked_at` lies before them."""

    asked_at: datetime
    offsets: Offsets


class EndsOfLogs:
    def __init__(self, kafka: KafkaSettings) -> None:
        self._consumer = KafkaConsumer(
            **client_options(kafka),
            group_id=None,
            reconnect_backoff_max_ms=1000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def ask(self, partitions: Iterable[TopicPartition]) -> Ends:
        wanted = list(partitions)
        now = datetime.now(UTC)
        asked_at = now - timedelta(microseconds=now.microsecond % 1000)
        return Ends(asked_at, self._ask(self._consumer.end_offsets, wanted))

    def ask_if_there(self, partitions: Iterable[TopicPartition]) -> Ends:
        """A broker that is away keeps nothing from being written that was read already."""
        try:
            return self.ask(partitions)
        except (KafkaError, KeyError):
            # The client fails with either where it did not hear of all in time.
            return Ends(datetime.now(UTC), {})

    def begins(self, partitions: Iterable[TopicPartition]) -> Offsets:
        return self._ask(self._consumer.beginning_offsets, list(partitions))

    @staticmethod
    def _ask(question: Callable[..., Offsets], partitions: list[TopicPartition]) -> Offsets:
        if not partitions:
            return {}
        try:
            return question(partitions, timeout_ms=ASK_MS)
        except KeyError as error:
            # The client stumbles over an answer that leaves out partitions, of which it has heard nothing yet.
            raise KafkaError(f"nothing is known of {error}") from error

    def close(self) -> None:
        self._consumer.close()
