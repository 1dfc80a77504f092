"""Statements to Kafka: one record a request, acknowledged when it is on disk.

A broker that does not answer in time is away for all requests at once: whoever waits for it is told so, and nobody
asks it any more until it was found again, by a producer made anew.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from core.errors import UserError
from core.kafka import client_options, quiet_client
from core.settings import Settings
from core.topics import check_topics, topic_names
from lrs.errors import RequestError, UnavailableError

MIB = 1 << 20
LOOK_EVERY = 0.5
HEADERS_BYTES = 1000

log = structlog.get_logger("lrs.publisher")


class BrokerAwayError(Exception):
    """Whether the record arrived is not known; written a second time, it is stored once."""


class Topic(NamedTuple):
    topic_id: UUID
    name: str


class Published(NamedTuple):
    topic_id: UUID
    partition: int
    offset: int


class Publisher:
    def __init__(self, settings: Settings) -> None:
        self._kafka = settings.kafka
        self._timeout = settings.lrs.publish_timeout
        self._most_bytes = settings.lrs.publish_buffer_mb * MIB
        self._record_bytes = settings.kafka.max_record_mb * MIB
        self._names = topic_names(settings.kafka)
        self._producer: Any = None
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._keep_connected, name="publisher", daemon=True)
        self._waiting: set[asyncio.Future[Any]] = set()
        self._bytes = 0
        # As they were at the last connection.
        self._topics: dict[str, Topic] = {}

    @property
    def is_up(self) -> bool:
        return self._producer is not None

    def start(self) -> None:
        quiet_client()
        self._lost.set()
        self._thread.start()

    def stop(self) -> None:
        """What was sent is acknowledged first, if the broker is there."""
        self._stop.set()
        self._lost.set()
        self._thread.join()
        if self._producer is not None:
            self._producer.close(timeout=self._timeout)

    async def publish(self, name: str, value: bytes, key: bytes, headers: list[tuple[str, bytes]]) -> Published:
        """To the topic of this name."""
        producer, topic, loop = self._producer, self._topics.get(name), asyncio.get_running_loop()
        if producer is None or topic is None:
            raise BrokerAwayError
        self.refuse_oversize(value)
        if self._bytes + len(value) > self._most_bytes:
            raise UnavailableError("Too much waits for the broker. Try again.")
        acknowledged: asyncio.Future[Any] = loop.create_future()
        self._waiting.add(acknowledged)
        self._bytes += len(value)
        try:
            sent = producer.send(topic.name, key=key, value=value, headers=headers)
            sent.add_both(_telling(loop, acknowledged))
            metadata = await asyncio.wait_for(acknowledged, self._timeout)
        except (KafkaError, TimeoutError) as error:
            self._lose(producer, error)
            raise BrokerAwayError from error
        finally:
            self._bytes -= len(value)
            self._waiting.discard(acknowledged)
        return Published(topic.topic_id, metadata.partition, metadata.offset)

    def refuse_oversize(self, value: bytes) -> None:
        if len(value) + HEADERS_BYTES > self._record_bytes:
            raise RequestError(
                413,
                "too_large",
                f"What you send takes {len(value)} bytes, with what the LRS adds; a record holds "
                f"{self._record_bytes} at most. Send them in several requests.",
            )

    def _lose(self, producer: Any, error: Exception) -> None:
        """Once for all that wait."""
        if self._producer is not producer:
            return
        self._producer = None
        log.warning("the broker is away: writing through", error=str(error) or type(error).__name__)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(KafkaError("the broker is away"))
        threading.Thread(target=_discard, args=(producer,), name="discard", daemon=True).start()
        self._lost.set()

    def _keep_connected(self) -> None:
        while not self._stop.is_set():
            self._lost.wait()
            if self._stop.wait(LOOK_EVERY if self._topics else 0):
                return
            try:
                topics, producer = self._connect()
            except Exception as error:  # noqa: BLE001 - whatever the client raises: nobody else would look again
                log.debug("the broker is still away", error=str(error) or type(error).__name__)
                self._stop.wait(LOOK_EVERY)
                continue
            self._lost.clear()
            self._topics, self._producer = {topic.name: topic for topic in topics}, producer
            log.info("publishing", topics=list(self._topics))

    def _connect(self) -> tuple[list[Topic], Any]:
        topics = find_topics(self._kafka, (self._names.statements, self._names.events))
        producer = KafkaProducer(
            **client_options(self._kafka),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=0,
            max_request_size=self._record_bytes + HEADERS_BYTES,
            request_timeout_ms=int(self._timeout * 1000),
            delivery_timeout_ms=int(self._timeout * 1000) + 1,
            max_block_ms=int(self._timeout * 1000),
            bootstrap_timeout_ms=int(self._timeout * 1000),
            reconnect_backoff_max_ms=500,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        try:
            for topic in topics:
                producer.partitions_for(topic.name)
        except KafkaError:
            producer.close(timeout=0)
            raise
        return topics, producer


def find_topics(kafka: Any, names: Sequence[str]) -> list[Topic]:
    """Set up wrongly, one would lose records: then it is as if the broker were away, and the log says why."""
    found = []
    for state in check_topics(kafka):
        if state.name not in names:
            continue
        if state.faults or state.topic_id is None:
            log.error("the topic cannot be used", topic=state.name, faults=state.faults)
            raise UserError(f"{state.name}: {' '.join(state.faults)}")
        found.append(Topic(state.topic_id, state.name))
    return found


def _telling(loop: asyncio.AbstractEventLoop, acknowledged: "asyncio.Future[Any]") -> Callable[[Any], None]:
    def tell(outcome: Any) -> None:
        # The loop may be closed, at the very end: then nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, acknowledged, outcome)

    return tell


def _settle(acknowledged: "asyncio.Future[Any]", outcome: Any) -> None:
    if acknowledged.done():
        return
    if isinstance(outcome, Exception):
        acknowledged.set_exception(outcome)
    else:
        acknowledged.set_result(outcome)


def _discard(producer: Any) -> None:
    with suppress(Exception):
        producer.close(timeout=0)
