"""Hands on what was accepted: to Kafka, or, where that is away or not there, straight into the database."""

from collections.abc import Sequence
from uuid import UUID

from core.database.address import role_conninfo
from core.envelope import Envelope, record_headers, record_key, seal
from core.lms.events import Event
from core.lms.records import event_headers, event_key, seal_events
from core.settings import Settings
from core.topics import topic_names
from core.xapi.sameness import same_digest
from lrs.database import ROLE, Database
from lrs.errors import AWAY
from lrs.event_writer import EventsToSend, EventWriter
from lrs.metrics import Metrics
from lrs.publisher import BrokerAwayError, Published, Publisher
from lrs.visibility import Listener, Positions
from lrs.writer import ToSend, Writers, conflict

KNOWN = "select statement_id::text, digest from xapi.statement_ids where statement_id = any(%s::uuid[])"


class Handover:
    """What every room of the LRS that accepts statements gives them to."""

    def __init__(self, settings: Settings, database: Database, writers: Writers, metrics: Metrics) -> None:
        self._database = database
        self._writers = writers
        self._metrics = metrics
        self._topics = topic_names(settings.kafka)
        self._events = EventWriter(role_conninfo(settings.database, ROLE))
        is_publishing = settings.lrs.publish and settings.kafka.bootstrap is not None
        self.publisher = Publisher(settings) if is_publishing else None
        self._positions = Positions(settings.lrs.visibility_wait)
        self.listener = Listener(role_conninfo(settings.database, ROLE), self._positions) if is_publishing else None

    @property
    def way(self) -> str:
        """none: there is no broker to publish to; through: there is, but it is away."""
        if self.publisher is None:
            return "none"
        return "published" if self.publisher.is_up else "through"

    def open(self) -> None:
        self._writers.start()
        if self.publisher is not None and self.listener is not None:
            self.publisher.start()
            self.listener.start()

    async def close(self) -> None:
        if self.publisher is not None and self.listener is not None:
            self.publisher.stop()
            await self.listener.stop()
        self._writers.stop()
        self._events.close()

    def break_off(self) -> None:
        """The database does not answer: nobody waits for it any longer."""
        self._writers.break_off()
        self._events.break_off()
        if self.listener is not None:
            self.listener.break_off()

    async def accept(self, envelope: Envelope, tenant: UUID, *, has_given_ids: bool) -> None:
        """When this returns, it is on disk: all of it, or nothing. It can be read as well, if ingest keeps up."""
        if self.publisher is None:
            await self._writers.submit(envelope)
            self._count("through")
            return
        key, value = record_key(envelope, tenant), seal(envelope, tenant)
        self.publisher.refuse_oversize(value)
        if self.publisher.is_up:
            if has_given_ids and await self._is_known(envelope):
                self._count("known")
                return
            try:
                published = await self.publisher.publish(self._topics.statements, value, key, record_headers(tenant))
            except BrokerAwayError:
                pass
            else:
                await self._see(published)
                return
        await self._writers.submit(envelope, ToSend(self._topics.statements, key, tenant))
        self._count("through")

    async def accept_events(self, tenant_id: int, tenant: UUID, events: Sequence[Event]) -> None:
        """As with statements: one record, and when this returns it is on disk."""
        to_send = None
        if self.publisher is not None:
            key, value = event_key(events, tenant), seal_events(events, tenant)
            self.publisher.refuse_oversize(value)
            try:
                published = await self.publisher.publish(self._topics.events, value, key, event_headers(tenant))
            except BrokerAwayError:
                to_send = EventsToSend(self._topics.events, key, value)
            else:
                await self._see(published)
                return
        await self._events.submit(tenant_id, events, to_send)
        self._count("through")

    async def _see(self, published: Published) -> None:
        self._count("published")
        is_readable = await self._positions.wait_for(published)
        self._metrics.visible.labels(str(is_readable).lower()).inc()

    def _count(self, way: str) -> None:
        self._metrics.handed_over.labels(way).inc()

    async def _is_known(self, envelope: Envelope) -> bool:
        """All of it is stored already. Other statements under these ids are refused, where they are seen."""
        given = {statement.id: statement.record.digest for statement in envelope.statements}
        try:
            rows = await self._database.fetch(envelope.tenant_id, KNOWN, [list(given)])
        except AWAY:
            return False
        others = [known for known, digest in rows if not same_digest(digest, given[known])]
        if others:
            raise conflict(others)
        return len(rows) == len(given)
