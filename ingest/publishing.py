"""What ingest itself sends: dead letters, and what was written through while the broker was away."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError

from core.kafka import client_options
from core.settings import KafkaSettings

MIB = 1 << 20
ACKNOWLEDGED_WITHIN = 10.0


class Message(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class Publishing:
    """Made when it is first needed, and anew after a failure."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._producer: Any = None

    def send(self, messages: Sequence[Message]) -> None:
        """All are acknowledged, or this fails; some may then be sent all the same."""
        try:
            producer = self._made()
            futures = [producer.send(one.topic, key=one.key, value=one.value, headers=one.headers) for one in messages]
            producer.flush(ACKNOWLEDGED_WITHIN)
            for future in futures:
                future.get(ACKNOWLEDGED_WITHIN)
        except KafkaError:
            self.close()
            raise

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None

    def _made(self) -> Any:
        if self._producer is None:
            self._producer = KafkaProducer(
                **client_options(self._kafka),
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                # All of `send` together, then at once: on a single broker each batch is a write to the disk.
                linger_ms=1000,
                batch_size=MIB,
                max_request_size=self._kafka.max_record_mb * MIB,
                request_timeout_ms=5000,
                delivery_timeout_ms=int(ACKNOWLEDGED_WITHIN * 1000),
                max_block_ms=5000,
                # Else it looks for a broker that is away for half a minute, less and less often.
                bootstrap_timeout_ms=5000,
                reconnect_backoff_max_ms=500,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return self._producer
