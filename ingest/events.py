"""A batch of records of domain events, on its way from bytes to rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Error

from core.envelope import NewerWireError
from core.errors import UserError
from core.lms.apply import apply_events
from core.lms.events import NewerVersionError, read_event
from core.lms.records import ACCEPTED, split_record
from core.lms.waiting import EVER, TenantEvent
from core.xapi.errors import StatementError as EventError
from core.xapi.values import open_object, string
from ingest.dead_letters import DeadLetter, Place, Reason
from ingest.sieve import halve, reason_of
from ingest.tenants import Tenants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Arrived(NamedTuple):
    place: Place
    position: int | None
    # As it came, which is how it is kept should it be refused.
    text: bytes
    told: TenantEvent


class EventBatch:
    def __init__(self, tenants: Tenants) -> None:
        self.source = "events"
        self._tenants = tenants
        self._arrived: list[Arrived] = []
        self._is_refreshed = False
        self.letters: list[DeadLetter] = []
        self.size = 0
        self.bytes = 0
        self.fresh = 0
        # Events are applied by their own time, as often as they come.
        self.repeated = 0
        self.late = 0

    @property
    def tenant_ids(self) -> list[int]:
        found = {one.told.tenant_id for one in self._arrived}
        return sorted(found | {letter.tenant_id for letter in self.letters if letter.tenant_id is not None})

    def add(self, record: Any, topic_id: UUID, after: datetime | None) -> datetime:  # noqa: ARG002
        place = Place(record.topic, topic_id, record.partition, record.offset)
        value = record.value or b""
        self.bytes += len(value)
        appended = EPOCH + timedelta(milliseconds=record.timestamp)
        received_at = EVER if any(name == ACCEPTED for name, _ in record.headers) else appended
        try:
            texts = split_record(value)
        except EventError as error:
            self.letters.append(DeadLetter(place, "unreadable", _one_line(error), value))
            return appended
        read = [self._read(place, number, text, received_at) for number, text in texts]
        self._arrived += [one for one in read if isinstance(one, Arrived)]
        self.size = len(self._arrived)
        self.letters += [one for one in read if isinstance(one, DeadLetter)]
        return appended

    def write(self, connection: Connection, batch_id: int) -> None:
        """Within the caller's transaction. What cannot be stored becomes a dead letter, and the rest is applied."""

        def attempt(some: Sequence[Arrived]) -> str | None:
            try:
                with connection.transaction():
                    applied = apply_events(connection, batch_id, [one.told for one in some])
            except Error as error:
                return reason_of(error)
            self.fresh += applied.applied + applied.waiting
            return None

        if not self._arrived or attempt(self._arrived) is None:
            return
        for tenant_id in self.tenant_ids:
            for one, reason in halve([one for one in self._arrived if one.told.tenant_id == tenant_id], attempt):
                self.letters.append(DeadLetter(one.place, "refused", reason, one.text, tenant_id, one.position))

    def committed(self) -> None:
        """Nothing is remembered from one batch to the next."""

    def given_up(self) -> None:
        """Nothing is remembered from one batch to the next."""

    def _read(self, place: Place, position: int | None, text: bytes, received_at: datetime) -> Arrived | DeadLetter:
        try:
            event = read_event(text, received_at)
        except NewerVersionError as error:
            raise NewerWireError from error
        except EventError as error:
            reason: Reason = "invalid" if error.path else "unreadable"
            return DeadLetter(place, reason, _one_line(error), text, self._find(_named_tenant(text)), position)
        tenant_id = self._find(event.tenant)
        if tenant_id is None:
            detail = f"No tenant is called {event.tenant}." if event.tenant else "The event has no tenantId."
            return DeadLetter(place, "unknown_tenant", detail, text, None, position)
        return Arrived(place, position, text, TenantEvent(tenant_id, event))

    def _find(self, name: str | None) -> int | None:
        if name is None:
            return None
        known = self._tenants.find_named(name)
        if known is None and not self._is_refreshed:
            self._tenants.refresh()
            self._is_refreshed = True
            known = self._tenants.find_named(name)
        return known


def _named_tenant(text: bytes) -> str | None:
    """Of an event with another fault, so that its dead letter is that tenant's."""
    try:
        return string(open_object(text)["tenantId"])
    except (EventError, KeyError):
        return None


def _one_line(error: UserError) -> str:
    return " ".join(str(error).split())
