"""A batch of records of statements, on its way from bytes to rows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from core.envelope import (
    AcceptedStatement,
    BadStatementError,
    Envelope,
    UnreadableError,
    Wire,
    alone,
    read_wire,
    unseal,
)
from core.writer.vocabulary import Vocabulary
from core.xapi.sameness import same_digest
from ingest.dead_letters import DeadLetter, Place, statement_alone
from ingest.sieve import Sifted, sift
from ingest.tenants import Tenants

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
StatementKey = tuple[int, str]


class Arrived(NamedTuple):
    """One record, read. `envelope` is without what another record of the batch, or the reading, took out."""

    place: Place
    envelope: Envelope
    stored: datetime
    tenant: UUID
    # In the record, of each statement of the envelope.
    positions: list[int]


class StatementBatch:
    source = "statements"

    def __init__(self, tenants: Tenants, vocabulary: Vocabulary) -> None:
        self._tenants = tenants
        self._vocabulary = vocabulary
        self._arrived: list[Arrived] = []
        self._seen: dict[StatementKey, bytes] = {}
        self._is_refreshed = False
        self.letters: list[DeadLetter] = []
        self.size = 0
        self.bytes = 0
        self.repeated = 0
        self.fresh = 0
        # Records that the broker showed after a time was promised that is later than theirs.
        self.late = 0

    @property
    def tenant_ids(self) -> list[int]:
        found = {one.envelope.tenant_id for one in self._arrived}
        return sorted(found | {letter.tenant_id for letter in self.letters if letter.tenant_id is not None})

    def add(self, record: Any, topic_id: UUID, after: datetime | None) -> datetime:
        """When what it brings is stored: the broker's time, but after what was promised already."""
        place = Place(record.topic, topic_id, record.partition, record.offset)
        self.bytes += len(record.value or b"")
        appended = EPOCH + timedelta(milliseconds=record.timestamp)
        stored = appended
        if after is not None and after >= appended:
            stored = after + MILLISECOND
            self.late += 1
        try:
            wire = unseal(record.value or b"")
        except UnreadableError as error:
            self.letters.append(DeadLetter(place, "unreadable", str(error), record.value or b""))
            return stored
        tenant_id = self._find(wire.tenant)
        if tenant_id is None:
            detail = f"No tenant has the uuid {wire.tenant}."
            self.letters.append(DeadLetter(place, "unknown_tenant", detail, record.value))
            return stored
        self._take(place, wire, tenant_id, wire.stored or stored)
        return stored

    def write(self, connection: Connection, batch_id: int) -> None:
        """Within the caller's transaction. What cannot be stored becomes a dead letter, and the rest is stored."""
        pairs = [(one.envelope, one.stored) for one in self._arrived]
        sifted = sift(connection, batch_id, pairs, self._vocabulary)
        self.fresh += sifted.fresh
        self.repeated += len(sifted.repeated)
        if sifted.conflicts or sifted.refused:
            self.letters += self._bury(sifted)

    def committed(self) -> None:
        self._vocabulary.committed()

    def given_up(self) -> None:
        self._vocabulary.forget()

    def _find(self, tenant: UUID) -> int | None:
        known = self._tenants.find(tenant)
        if known is None and not self._is_refreshed:
            self._tenants.refresh()
            self._is_refreshed = True
            known = self._tenants.find(tenant)
        return known

    def _take(self, place: Place, wire: Wire, tenant_id: int, stored: datetime) -> None:
        refused: list[BadStatementError] = []
        whole = read_wire(wire, tenant_id, refused.append)
        for bad in refused:
            payload = alone(wire, bad.position)
            self.letters.append(DeadLetter(place, "invalid", str(bad), payload, tenant_id, bad.position))
        bad_positions = {bad.position for bad in refused}
        positions = [number for number in range(len(wire.statements)) if number not in bad_positions]
        kept = [
            (position, statement)
            for position, statement in zip(positions, whole.statements, strict=True)
            if self._is_new(place, position, statement, whole, wire.tenant)
        ]
        self.size += len(wire.statements)
        envelope = msgspec.structs.replace(whole, statements=[statement for _, statement in kept])
        self._arrived.append(Arrived(place, envelope, stored, wire.tenant, [position for position, _ in kept]))

    def _is_new(
        self, place: Place, position: int, statement: AcceptedStatement, envelope: Envelope, tenant: UUID
    ) -> bool:
        """The writer takes each id once."""
        key = (envelope.tenant_id, statement.id)
        known = self._seen.setdefault(key, statement.record.digest)
        if known is statement.record.digest:
            return True
        if same_digest(known, statement.record.digest):
            self.repeated += 1
        else:
            single = msgspec.structs.replace(envelope, statements=[statement])
            self.letters.append(_conflict(place, position, single, tenant))
        return False

    def _bury(self, sifted: Sifted) -> Iterable[DeadLetter]:
        for one in self._arrived:
            for index, statement in enumerate(one.envelope.statements):
                key = (one.envelope.tenant_id, statement.id)
                single = msgspec.structs.replace(one.envelope, statements=[statement])
                if key in sifted.conflicts:
                    yield _conflict(one.place, one.positions[index], single, one.tenant)
                elif key in sifted.refused:
                    yield DeadLetter(
                        one.place, "refused", sifted.refused[key], statement_alone(single, 0, one.tenant),
                        one.envelope.tenant_id, one.positions[index], statement.id,
                    )  # fmt: skip


def _conflict(place: Place, position: int, single: Envelope, tenant: UUID) -> DeadLetter:
    statement_id = single.statements[0].id
    detail = f"Another statement is stored under the id {statement_id}."
    payload = statement_alone(single, 0, tenant)
    return DeadLetter(place, "conflict", detail, payload, single.tenant_id, position, statement_id)
