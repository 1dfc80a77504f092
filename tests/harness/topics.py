"""A test's own topics: records put in and read without the LRS and ingest."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from core.envelope import Envelope, record_headers, record_key, seal
from core.kafka import client_options, quiet_client
from core.settings import KafkaSettings
from core.tenants import Tenant
from core.topics import create_topics, topic_names, topics_wanted

MIB = 1 << 20


class TopicHand:
    def __init__(self, kafka: KafkaSettings) -> None:
        quiet_client()
        self._kafka = kafka
        self._producer: Any = None
        self.names = topic_names(kafka)

    @property
    def statements(self) -> str:
        return self.names.statements

    def create(self) -> None:
        create_topics(self._kafka)

    def remake(self) -> None:
        """The topic of statements deleted, and made again under its name."""
        with self._admin() as admin:
            admin.delete_topics([self.statements])
        self.forget()
        self.create()

    def delete(self) -> None:
        with self._admin() as admin:
            known = set(admin.list_topics())
            admin.delete_topics([one.name for one in topics_wanted(self._kafka, 1) if one.name in known])

    def delete_records(self, before: dict[int, int]) -> None:
        """The log's beginning is gone, as when retention passed over it."""
        with self._admin() as admin:
            admin.delete_records({TopicPartition(self.statements, number): offset for number, offset in before.items()})

    def send(self, value: bytes, partition: int | None = None, **given: Any) -> tuple[int, int]:
        """Where it lies: partition and offset."""
        metadata = self._made().send(given.pop("topic", self.statements), value=value, partition=partition, **given)
        found = metadata.get(timeout=20)
        return found.partition, found.offset

    def send_all(self, values: Sequence[bytes], partition: int | None = None) -> int:
        """The offset of the first."""
        producer = self._made()
        futures = [producer.send(self.statements, value=value, partition=partition) for value in values]
        producer.flush(60)
        return min(int(future.get(timeout=20).offset) for future in futures)

    def send_envelope(self, envelope: Envelope, tenant: Tenant, partition: int | None = None) -> tuple[int, int]:
        uuid = UUID(str(tenant.tenant_uuid))
        return self.send(seal(envelope, uuid), partition, key=record_key(envelope, uuid), headers=record_headers(uuid))

    def ends(self, topic: str | None = None) -> dict[int, int]:
        with self._consumer() as consumer:
            partitions = _partitions(consumer, topic or self.statements)
            return {each.partition: end for each, end in consumer.end_offsets(partitions).items()}

    def records(self, topic: str) -> list[Any]:
        """All, up to the end there is now."""
        with self._consumer() as consumer:
            partitions = _partitions(consumer, topic)
            ends = consumer.end_offsets(partitions)
            consumer.assign(partitions)
            found: list[Any] = []
            while any(consumer.position(each) < ends[each] for each in partitions):
                for records in consumer.poll(timeout_ms=500).values():
                    found += records
            return found

    def forget(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=5)
            self._producer = None

    def _made(self) -> Any:
        if self._producer is None:
            self._producer = KafkaProducer(
                **client_options(self._kafka),
                acks="all",
                max_request_size=64 * MIB,
                allow_auto_create_topics=False,
                # What is sent together is appended together.
                linger_ms=20,
                batch_size=MIB,
            )
        return self._producer

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        admin = KafkaAdminClient(**client_options(self._kafka))
        try:
            yield admin
        finally:
            admin.close()

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        consumer = KafkaConsumer(
            **client_options(self._kafka),
            group_id=None,
            auto_offset_reset="earliest",
            receive_message_max_bytes=128 * MIB,
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _partitions(consumer: Any, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
