"""Imports through Kafka: to the topic that ingest reads when nothing more urgent waits."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from psycopg import Connection
from psycopg.types.json import Jsonb

from core.envelope import AcceptedStatement, Envelope, record_headers, record_key, seal
from core.errors import UserError
from core.kafka import client_options, quiet_client
from core.settings import Settings
from core.topics import require_topics, topic_names
from core.xapi.sameness import same_digest
from lrs.bulk.sink import KNOWN, Outcome
from lrs.credentials import Credential
from lrs.database import NAME_TENANT

MIB = 1 << 20
# Small records, since live statements wait behind one that is being written.
PER_RECORD = 100
ACKNOWLEDGED_WITHIN = 60.0
TRY_LATER = "What the broker has acknowledged is kept. Run the same command again to go on."

OPEN = "insert into ingest.bulk_loads (tenant_id, load_id, topic_id) values (%s, %s, %s)"
END = "update ingest.bulk_loads set ends = %s where tenant_id = %s and load_id = %s"


class TopicSink:
    """Until ingest has written all of it, this tenant's statements are consistent only as far as it has come."""

    def __init__(self, settings: Settings, connection: Connection, credential: Credential) -> None:
        quiet_client()
        self._connection = connection
        self._credential = credential
        self._record_bytes = settings.kafka.max_record_mb * MIB
        self._topic = topic_names(settings.kafka).bulk
        topic_id = require_topics(settings.kafka)[self._topic].topic_id
        self._load_id = uuid4()
        self._ends: dict[int, int] = {}
        self._execute(OPEN, [credential.tenant_id, self._load_id, topic_id])
        self._producer = KafkaProducer(
            **client_options(settings.kafka),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=5,
            batch_size=256 << 10,
            max_request_size=self._record_bytes,
            delivery_timeout_ms=int(ACKNOWLEDGED_WITHIN * 1000),
            request_timeout_ms=10_000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def write(self, envelope: Envelope) -> Outcome:
        """When it returns, the broker has all of it on disk. What is in a conflict with what comes before it there,
        ingest finds out: it becomes a dead letter."""
        known = self._known(envelope)
        conflicts = frozenset(
            one.id
            for one in envelope.statements
            if one.id in known and not same_digest(one.record.digest, known[one.id])
        )
        unknown = [one for one in envelope.statements if one.id not in known]
        refused = self._publish(msgspec.structs.replace(envelope, statements=unknown))
        return Outcome(len(unknown) - len(refused), len(known) - len(conflicts), conflicts, refused)

    def close(self) -> None:
        with suppress(KafkaError):
            self._producer.close(timeout=5)
        self._execute(END, [Jsonb(self._ends), self._credential.tenant_id, self._load_id])

    def _publish(self, envelope: Envelope) -> dict[str, str]:
        tenant = self._credential.tenant_uuid
        refused: dict[str, str] = {}
        sent = []
        try:
            for part in _parts(envelope):
                value = seal(part, tenant)
                if len(value) > self._record_bytes - 1000:
                    refused |= {one.id: f"Its record would take {len(value)} bytes." for one in part.statements}
                else:
                    sent.append(self._send(part, value, tenant))
            self._producer.flush(ACKNOWLEDGED_WITHIN)
            for future in sent:
                metadata = future.get(ACKNOWLEDGED_WITHIN)
                self._ends[metadata.partition] = max(metadata.offset + 1, self._ends.get(metadata.partition, 0))
        except KafkaError as error:
            raise UserError(f"The broker does not take it: {error}", TRY_LATER) from error
        return refused

    def _send(self, part: Envelope, value: bytes, tenant: UUID) -> Any:
        return self._producer.send(self._topic, value, record_key(part, tenant), record_headers(tenant))

    def _known(self, envelope: Envelope) -> dict[str, bytes]:
        ids = [statement.id for statement in envelope.statements]
        with self._connection.transaction():
            self._connection.execute(NAME_TENANT, [str(envelope.tenant_id)])
            return dict(self._connection.execute(KNOWN, [ids]).fetchall())

    def _execute(self, query: str, given: Sequence[object]) -> None:
        with self._connection.transaction():
            self._connection.execute(NAME_TENANT, [str(self._credential.tenant_id)])
            self._connection.execute(query, given)


def _parts(envelope: Envelope) -> Iterator[Envelope]:
    statements: Sequence[AcceptedStatement] = envelope.statements
    for start in range(0, len(statements), PER_RECORD):
        yield msgspec.structs.replace(envelope, statements=statements[start : start + PER_RECORD])
