"""What one accepted request brings: the unit that is written, or sent on, whole."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from core.xapi.bodies import stamp
from core.xapi.errors import StatementError
from core.xapi.records import StatementRecord, derive
from core.xapi.statements import Statement, read_statement
from core.xapi.versions import Version

# Of the form on the wire. A reader knows this and the one before, ignores what it does not know, and stops at a newer.
WIRE_VERSION = 1


class AcceptedStatement(msgspec.Struct, frozen=True, gc=False):
    """`body` is the statement as it will be returned, but for `stored`, and for the timestamp if it came without."""

    id: str
    record: StatementRecord
    body: bytes
    # Only of what is imported with the time at which another store had it.
    stored: datetime | None = None

    def stamped(self, stored: datetime) -> bytes:
        return stamp(self.body, stored, self.record.timestamp is not None)


class AttachmentData(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What lies in object storage by its hash."""

    sha2: str
    content_type: str
    length: int


class Envelope(msgspec.Struct, frozen=True, gc=False):
    tenant_id: int
    credential_id: str
    accepted_at: datetime
    statements: Sequence[AcceptedStatement]
    attachments: Sequence[AttachmentData] = ()
    version: Version = Version.V1
    # When it was written through, if it was: whoever reads it from the topic later gives it the same time.
    stored: datetime | None = None


class Wire(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """An envelope as the topic has it; docs/envelope.schema.json says it to others."""

    version: int
    tenant: UUID
    credential: UUID
    accepted_at: datetime
    xapi_version: str
    statements: list[msgspec.Raw]
    attachments: list[AttachmentData] = []
    stored: datetime | None = None
    # Of statements that keep the time of another store, in their order; null: this one's has none.
    kept_stored: list[datetime | None] = []
    # The positions of statements that keep the authority of another store: who looks for its agent finds them.
    kept_authority: list[int] = []


class Header(msgspec.Struct, frozen=True, gc=False):
    version: int


class NewerWireError(Exception):
    """Written by a newer Lyceum: nothing may be done with it but leave it."""


class UnreadableError(Exception):
    """No envelope, whatever it is."""


class BadStatementError(Exception):
    def __init__(self, position: int, text: bytes, fault: StatementError) -> None:
        super().__init__(str(fault))
        self.position = position
        self.text = text


_read_header = msgspec.json.Decoder(Header).decode
_read_wire = msgspec.json.Decoder(Wire).decode


def seal(envelope: Envelope, tenant: UUID) -> bytes:
    kept = [statement.stored for statement in envelope.statements]
    wire = Wire(
        WIRE_VERSION,
        tenant,
        UUID(envelope.credential_id),
        envelope.accepted_at,
        envelope.version.value,
        [msgspec.Raw(statement.body) for statement in envelope.statements],
        list(envelope.attachments),
        envelope.stored,
        kept if any(kept) else [],
        [number for number, statement in enumerate(envelope.statements) if statement.record.has_own_authority],
    )
    return msgspec.json.encode(wire)


def record_key(envelope: Envelope, tenant: UUID) -> bytes:
    """Tenant and first actor: who did what stays in order."""
    return f"{tenant}:{envelope.statements[0].record.actor_key.hex()}".encode()


def record_headers(tenant: UUID, *, is_stored: bool = False) -> list[tuple[str, bytes]]:
    """`stored` tells what was written through before it came to the topic."""
    headers = [("version", str(WIRE_VERSION).encode()), ("tenant", str(tenant).encode())]
    return [*headers, ("stored", b"")] if is_stored else headers


def unseal(data: bytes) -> Wire:
    try:
        if _read_header(data).version > WIRE_VERSION:
            raise NewerWireError
        wire = _read_wire(data)
        Version(wire.xapi_version)
        for moment in (wire.accepted_at, wire.stored, *wire.kept_stored):
            _check_time(moment)
    except (ValueError, OverflowError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    return wire


def join(sealed: Sequence[bytes]) -> bytes:
    """Statements of one record, each in an envelope alone, in one again."""
    wires = [_read_wire(one) for one in sealed]
    kept = [moment for wire in wires for moment in (wire.kept_stored or [None])]
    statements = [raw for wire in wires for raw in wire.statements]
    joined = msgspec.structs.replace(
        wires[0],
        statements=statements,
        kept_stored=kept if any(kept) else [],
        kept_authority=[number for number, wire in enumerate(wires) if wire.kept_authority],
    )
    return msgspec.json.encode(joined)


def _check_time(moment: datetime | None) -> None:
    if moment is None or moment.tzinfo is UTC:
        return
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} is a time without an offset.")
    # Fails where it lies beyond the years 1 to 9999.
    moment.astimezone(UTC)


def read_wire(wire: Wire, tenant_id: int, refuse: Callable[[BadStatementError], None]) -> Envelope:
    """What cannot be read among the statements is refused, one by one."""
    version, own = Version(wire.xapi_version), set(wire.kept_authority)
    statements = []
    for position, raw in enumerate(wire.statements):
        try:
            statement = _read_accepted(bytes(raw), version)
        except StatementError as fault:
            refuse(BadStatementError(position, bytes(raw), fault))
            continue
        record = derive(statement, tenant_id, statement.authority if position in own else None)
        accepted = AcceptedStatement(str(statement.id).lower(), record, statement.text, _kept_stored(wire, position))
        statements.append(accepted)
    return Envelope(
        tenant_id, str(wire.credential), wire.accepted_at, statements, wire.attachments, version, wire.stored
    )


def alone(wire: Wire, position: int) -> bytes:
    """One of its statements, sealed by itself."""
    kept = _kept_stored(wire, position)
    return msgspec.json.encode(
        msgspec.structs.replace(
            wire,
            statements=[wire.statements[position]],
            kept_stored=[kept] if kept else [],
            kept_authority=[0] if position in wire.kept_authority else [],
        )
    )


def _kept_stored(wire: Wire, position: int) -> datetime | None:
    return wire.kept_stored[position] if position < len(wire.kept_stored) else None


def _read_accepted(text: bytes, version: Version) -> Statement:
    statement = read_statement(text, version)
    if statement.id is None:
        raise StatementError("id", "nothing", "the id that it was accepted with")
    return statement
