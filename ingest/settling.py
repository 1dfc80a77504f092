"""Dead letters in the hands of a person: listed, shown, sent again or given up."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row

from core.envelope import UnreadableError, record_headers, unseal
from core.errors import UserError
from core.settings import Settings
from ingest.publishing import Message, Publishing

AT_ONCE = 200

SELECT = """
select
    dead_letter_id, tenants.slug as tenant, reason, detail, topic, topic_partition, record_offset, position_in_record,
    statement_id::text, letters.created_at, settlement, settled_at, octet_length(payload) as bytes
from ingest.dead_letters as letters left join control.tenants as tenants using (tenant_id)
where (%(ids)s::bigint[] is null or dead_letter_id = any(%(ids)s))
    and (%(reason)s::text is null or reason = %(reason)s)
    and (%(tenant)s::text is null or tenants.slug = %(tenant)s)
    and (%(settled)s or settled_at is null)
order by dead_letter_id desc
limit %(limit)s
"""
PAYLOAD = "select payload, topic from ingest.dead_letters where dead_letter_id = %s"
SETTLE = """
update ingest.dead_letters set settled_at = now(), settlement = %s
where dead_letter_id = any(%s) and settled_at is null
"""


class Choice(NamedTuple):
    ids: Sequence[int] | None = None
    reason: str | None = None
    tenant: str | None = None
    settled: bool = False
    limit: int = 50


def list_letters(connection: Connection, choice: Choice) -> list[dict[str, Any]]:
    """The newest first."""
    given = choice._asdict() | {"ids": None if choice.ids is None else list(choice.ids)}
    return connection.cursor(row_factory=dict_row).execute(SELECT, given).fetchall()


def show_letter(connection: Connection, dead_letter_id: int) -> tuple[dict[str, Any], bytes]:
    found = list_letters(connection, Choice(ids=[dead_letter_id], settled=True))
    row = connection.execute(PAYLOAD, [dead_letter_id]).fetchone()
    if not found or row is None:
        raise UserError(f"There is no dead letter {dead_letter_id}.", "`lyceum dead-letters list` shows them.")
    return found[0], bytes(row[0])


def retry_letters(connection: Connection, settings: Settings, ids: Sequence[int]) -> int:
    """To the topic again, and settled when the broker has them; what fails again comes back as another letter."""
    publishing = Publishing(settings.kafka)
    try:
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            with connection.transaction():
                rows = connection.execute(
                    "select topic, payload from ingest.dead_letters where dead_letter_id = any(%s) "
                    "and settled_at is null order by dead_letter_id for update",
                    [some],
                ).fetchall()
                publishing.send(
                    [Message(topic, None, bytes(payload), _headers(bytes(payload))) for topic, payload in rows]
                )
                connection.execute(SETTLE, ["retried", some])
    finally:
        publishing.close()
    return len(ids)


def settle_letters(connection: Connection, ids: Sequence[int], settlement: Literal["retried", "discarded"]) -> int:
    with connection.transaction():
        return connection.execute(SETTLE, [settlement, list(ids)]).rowcount


def _headers(payload: bytes) -> list[tuple[str, bytes]]:
    try:
        wire = unseal(payload)
    except UnreadableError:
        return []
    return record_headers(wire.tenant, is_stored=wire.stored is not None)
