"""Whether a topic is still the one that the ledger speaks of: one made again has the same name and other records."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from core.kafka import REACH_MS, client_options
from core.settings import KafkaSettings
from ingest.lane import LostRangeError


class TopicWatch:
    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._admin: Any = None

    def refuse_others(self, known: Mapping[str, UUID]) -> None:
        """A broker that is away says nothing, and a topic that is deleted may yet come back."""
        try:
            described = self._connected().describe_topics(list(known))
        except KafkaError:
            self.close()
            return
        for topic in described:
            if not topic["error_code"] and str(topic["topic_id"]) != str(known[topic["name"]]):
                raise other_topic(topic["name"], topic["topic_id"])

    def close(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _connected(self) -> Any:
        if self._admin is None:
            self._admin = KafkaAdminClient(
                **client_options(self._kafka), bootstrap_timeout_ms=REACH_MS, request_timeout_ms=REACH_MS
            )
        return self._admin


def other_topic(topic: str, topic_id: object) -> LostRangeError:
    return LostRangeError(
        f"{topic} is another topic ({topic_id}) than the one that was read so far: it was deleted and made again, or "
        "the broker was replaced.",
        "What the old one still had is lost unless it comes back. `lyceum ingest adopt-topic` begins with the new one.",
    )
