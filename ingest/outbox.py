"""What was written through while the broker was away goes to the topic when it is back."""

import threading
from uuid import UUID

import structlog
from psycopg import Connection

from core.envelope import record_headers
from core.lms.records import event_headers
from core.settings import KafkaSettings
from core.topics import topic_names
from ingest.connections import Connections
from ingest.publishing import Message, Publishing

AT_ONCE = 100
BYTES_AT_ONCE = 16 << 20
LOOK_EVERY = 1.0

# Several processes may look: each takes what the others leave.
TAKE = """
with oldest as (
    select outbox_id, octet_length(envelope) as length
    from ingest.outbox order by outbox_id limit %(count)s for update skip locked
), summed as (
    select outbox_id, sum(length) over (order by outbox_id) - length as before from oldest
)
delete from ingest.outbox as outbox using control.tenants
where outbox.tenant_id = tenants.tenant_id
    and outbox.outbox_id in (select outbox_id from summed where before < %(bytes)s)
returning outbox.outbox_id, outbox.topic, outbox.record_key, outbox.envelope, tenants.tenant_uuid
"""

log = structlog.get_logger("ingest.outbox")


class Outbox:
    def __init__(self, connections: Connections, kafka: KafkaSettings) -> None:
        self._connections = connections
        self._publishing = Publishing(kafka)
        self._events = topic_names(kafka).events
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self.sent = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._publishing.close()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                with self._connections.connect() as connection:
                    while not self._stop.is_set():
                        if not self.send_some(connection):
                            self._stop.wait(LOOK_EVERY)
            except Exception as error:  # noqa: BLE001 - whatever a client raises: nobody else would look again
                log.warning("the outbox waits", error=str(error) or type(error).__name__)

    def send_some(self, connection: Connection) -> int:
        """They leave the table when the broker has them; if that is not known, they are sent again."""
        with connection.transaction():
            rows = sorted(connection.execute(TAKE, {"count": AT_ONCE, "bytes": BYTES_AT_ONCE}).fetchall())
            if rows:
                self._publishing.send([
                    Message(topic, key, envelope, self._headers(topic, tenant))
                    for _, topic, key, envelope, tenant in rows
                ])  # fmt: skip
        self.sent += len(rows)
        return len(rows)

    def _headers(self, topic: str, tenant: UUID) -> list[tuple[str, bytes]]:
        return event_headers(tenant) if topic == self._events else record_headers(tenant, is_stored=True)
