"""Reads what lies in a topic: one record by its place, or what comes from now on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.errors import UserError
from core.kafka import client_options, quiet_client
from core.settings import KafkaSettings
from core.topics import MIB

PATIENCE = 20.0
POLL_MS = 200


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


def read_record(kafka: KafkaSettings, topic: str, partition: int, offset: int) -> Record:
    from kafka import TopicPartition  # noqa: PLC0415 - takes 0.2 s, which most commands need not wait for

    place = TopicPartition(topic, partition)
    with _consumer(kafka) as consumer:
        if partition not in (consumer.partitions_for_topic(topic) or ()):
            raise UserError(
                f"There is no partition {partition} of {topic!r}.", "`lyceum topics check` lists the topics."
            )
        begins, ends = consumer.beginning_offsets([place])[place], consumer.end_offsets([place])[place]
        if not begins <= offset < ends:
            raise UserError(
                f"There is no record {offset} in partition {partition} of {topic}.",
                f"There are those from {begins} on, below {ends}.",
            )
        consumer.assign([place])
        consumer.seek(place, offset)
        return next(_records(consumer))


class Tail:
    """All that was appended to a topic since this was made."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def find(self, text: bytes) -> Record:
        return next(record for record in _records(self._consumer) if text in record.value)


@contextmanager
def tailing(kafka: KafkaSettings, topic: str) -> Iterator[Tail]:
    from kafka import TopicPartition  # noqa: PLC0415

    with _consumer(kafka) as consumer:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        for place, end in consumer.end_offsets(places).items():
            consumer.seek(place, end)
        yield Tail(consumer)


@contextmanager
def _consumer(kafka: KafkaSettings) -> Iterator[Any]:
    from kafka import KafkaConsumer  # noqa: PLC0415

    quiet_client()
    consumer = KafkaConsumer(
        **client_options(kafka), group_id=None, enable_auto_commit=False,
        receive_message_max_bytes=2 * kafka.max_record_mb * MIB,
    )  # fmt: skip
    try:
        yield consumer
    finally:
        consumer.close()


def _records(consumer: Any) -> Iterator[Record]:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            for one in records:
                yield Record(one.topic, one.partition, one.offset, one.key or b"", one.value or b"")
    raise UserError(f"The broker gave no such record within {PATIENCE:.0f} s.", "Is it well? `lyceum doctor`")
