"""Statements on their way in: one COPY into a temporary table, from which plain SQL fills the others.

A direct COPY is refused on tables with row-level security, and could not leave out what is there already.
"""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from core.envelope import AcceptedStatement, Envelope

CREATE = """
create temporary table if not exists staged_statements (
    tenant_id integer not null,
    statement_id uuid not null,
    stored timestamptz not null,
    digest bytea not null,
    timestamp timestamptz not null,
    verb_key uuid not null,
    actor_key uuid not null,
    object_key uuid,
    registration uuid,
    credential_id uuid not null,
    target_id uuid,
    is_voiding boolean not null,
    direct_keys uuid[],
    related_keys uuid[],
    statement text not null
) on commit delete rows
"""
COPY = "copy staged_statements from stdin"
NULL = "\\N"


def prepare_staging(connection: Connection) -> None:
    """Once for each connection. The bodies are not worth compressing on the way through."""
    connection.execute(CREATE)
    connection.execute("alter table staged_statements alter statement set storage external")


def stage(connection: Connection, envelopes: Iterable[tuple[Envelope, datetime]]) -> None:
    lines = [_line(envelope, statement, stored) for envelope, stored in envelopes for statement in envelope.statements]
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.write(b"".join(lines))


def _line(envelope: Envelope, statement: AcceptedStatement, stored: datetime) -> bytes:
    record = statement.record
    stored = statement.stored or stored
    moment = stored.isoformat()
    direct, related = _relations(statement)
    columns = (
        f"{envelope.tenant_id}\t{statement.id}\t{moment}\t\\\\x{record.digest.hex()}\t"
        f"{record.timestamp.isoformat() if record.timestamp else moment}\t{record.verb_key.hex()}\t"
        f"{record.actor_key.hex()}\t{record.object_key.hex() if record.object_key else NULL}\t"
        f"{record.registration or NULL}\t{envelope.credential_id}\t{record.refers_to or NULL}\t"
        f"{'t' if record.voids else 'f'}\t{direct}\t{related}\t"
    )
    # Of what COPY's text form reads specially, a compact JSON text can only contain backslashes.
    return columns.encode() + statement.stamped(stored).replace(b"\\", b"\\\\") + b"\n"


def _relations(statement: AcceptedStatement) -> tuple[str, str]:
    """The keys that a query may look for beside the actor and the object activity, which have columns of their own."""
    record = statement.record
    direct = record.direct_agent_keys
    related = record.related_agent_keys | record.related_activity_keys
    own = {record.actor_key}
    if record.object_kind == "Activity" and record.object_key is not None:
        own.add(record.object_key)
    return _array(direct - own), _array(related - direct - own)


def _array(keys: set[bytes]) -> str:
    return "{" + ",".join(key.hex() for key in sorted(keys)) + "}" if keys else NULL
