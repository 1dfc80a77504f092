"""Statements and events straight into Kafka, as the LRS puts them there: for loads that it would only slow down."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from psycopg import Connection

from core.envelope import AcceptedStatement, Envelope, record_headers, record_key, seal
from core.errors import UserError
from core.kafka import client_options, quiet_client
from core.lms.events import read_event
from core.lms.records import event_headers, event_key, seal_events
from core.lms.waiting import EVER
from core.settings import KafkaSettings
from core.topics import require_topics, topic_names
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from simulator.delivery.parcels import Content, Parcel

BATCH = 50
MIB = 1 << 20

SENDERS = """
select tenants.slug, tenants.tenant_id, tenants.tenant_uuid, credentials.credential_id, credentials.authority::text
from control.credentials inner join control.tenants on credentials.tenant_id = tenants.tenant_id
where credentials.key_id = any(%s) and credentials.revoked_at is null
"""


class Sender(NamedTuple):
    """In whose name a tenant's statements are sent."""

    tenant_id: int
    tenant: UUID
    credential_id: UUID
    authority: bytes


def find_senders(connection: Connection, keys: Mapping[str, str]) -> dict[str, Sender]:
    """By tenant, of the keys of its credentials."""
    rows = connection.execute(SENDERS, [list(keys.values())]).fetchall()
    found = {row[0]: Sender(row[1], row[2], row[3], msgspec.json.format(row[4].encode(), indent=-1)) for row in rows}
    if missing := sorted(keys.keys() - found.keys()):
        raise UserError(f"These tenants have no such credential: {', '.join(missing)}.", "`lyceum credentials create`")
    return found


class TopicSink:
    def __init__(self, kafka: KafkaSettings, senders: Mapping[str, Sender], *, sends_events: bool) -> None:
        quiet_client()
        require_topics(kafka)
        self._names = topic_names(kafka)
        self._senders = senders
        self._sends_events = sends_events
        self._batches: dict[tuple[Content, str], list[bytes]] = {}
        self._failure: KafkaError | None = None
        self._producer = KafkaProducer(
            **client_options(kafka),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=50,
            batch_size=MIB,
            max_request_size=kafka.max_record_mb * MIB,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def put(self, parcel: Parcel) -> None:
        if parcel.content == "event" and not self._sends_events:
            return
        key = parcel.content, parcel.tenant
        batch = self._batches.setdefault(key, [])
        batch.append(parcel.text)
        if len(batch) >= BATCH:
            self._send(*key)

    def flush(self) -> None:
        for content, tenant in list(self._batches):
            self._send(content, tenant)

    def close(self) -> None:
        self.flush()
        self._producer.flush()
        self._producer.close()
        self._refuse_failure()

    def _send(self, content: Content, tenant: str) -> None:
        self._refuse_failure()
        texts = self._batches.pop((content, tenant), [])
        if not texts:
            return
        if tenant not in self._senders:
            raise UserError(f"There is no credential for the tenant {tenant!r}.", "Add it to the file of credentials.")
        send = self._send_statements if content == "statement" else self._send_events
        send(self._senders[tenant], texts)

    def _send_statements(self, sender: Sender, texts: list[bytes]) -> None:
        accepted = [_accept(sender, text) for text in texts]
        envelope = Envelope(sender.tenant_id, str(sender.credential_id), datetime.now(UTC), accepted)
        key, value = record_key(envelope, sender.tenant), seal(envelope, sender.tenant)
        self._publish(self._names.statements, key, value, record_headers(sender.tenant))

    def _send_events(self, sender: Sender, texts: list[bytes]) -> None:
        events = [read_event(text, EVER) for text in texts]
        key, value = event_key(events, sender.tenant), seal_events(events, sender.tenant)
        self._publish(self._names.events, key, value, event_headers(sender.tenant))

    def _publish(self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        sent = self._producer.send(topic, key=key, value=value, headers=headers)
        sent.add_errback(self._fail)

    def _fail(self, error: Any) -> None:
        self._failure = error

    def _refuse_failure(self) -> None:
        if self._failure is not None:
            raise UserError(f"The broker did not take what was sent: {self._failure}", "See `lyceum doctor`.")


def _accept(sender: Sender, text: bytes) -> AcceptedStatement:
    """What the LRS adds, without its checks: simulated statements are known to pass them."""
    read = read_statement(text, Version.V1)
    statement_id = str(read.id)
    body = compose(read, statement_id, Version.V1, sender.authority)
    return AcceptedStatement(statement_id, derive(read, sender.tenant_id), body)
