"""What cannot be read or stored: kept as it came, in a table and in a topic, before its offset is left behind."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from core.envelope import Envelope, seal

# Of the room that the LRS leaves in a record for its headers.
DETAIL_IN_HEADER = 100

Reason = Literal["unreadable", "unknown_tenant", "invalid", "conflict", "refused"]

INSERT = """
insert into ingest.dead_letters (
    tenant_id, reason, detail, topic, topic_id, topic_partition, record_offset, position_in_record, statement_id,
    payload
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

# Of each tenant no more than its share: one alone must not stop the others. What names no tenant counts whole.
COUNT_FAILURES = """
select coalesce(sum(case when tenant_id is null then failures else least(failures, %(limit)s / 10.0) end), 0)
from (
    select tenant_id, count(*) as failures
    from ingest.dead_letters
    where reason <> 'conflict' and settled_at is null and created_at > now() - interval '1 hour'
    group by tenant_id
) as by_tenant
"""


class Place(NamedTuple):
    """Of a record."""

    topic: str
    topic_id: UUID
    partition: int
    offset: int


class DeadLetter(NamedTuple):
    place: Place
    reason: Reason
    detail: str
    payload: bytes
    tenant_id: int | None = None
    position: int | None = None
    statement_id: str | None = None

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """For the topic, beside the payload as it is: so what had room in one record has room in another."""
        described = {
            "reason": self.reason,
            "detail": self.detail[:DETAIL_IN_HEADER],
            "topic": self.place.topic,
            "topicId": str(self.place.topic_id),
            "partition": self.place.partition,
            "offset": self.place.offset,
            "position": self.position,
            "statementId": self.statement_id,
        }
        return [("deadLetter", msgspec.json.encode(described))]


def bury(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    """Within the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [_row(letter) for letter in letters])


def count_failures(connection: Connection, limit: int) -> int:
    row = connection.execute(COUNT_FAILURES, {"limit": limit}).fetchone()
    return int(row[0]) if row else 0


def statement_alone(envelope: Envelope, position: int, tenant: UUID) -> bytes:
    """What is sent again when this statement is tried again."""
    return seal(msgspec.structs.replace(envelope, statements=[envelope.statements[position]]), tenant)


def _row(letter: DeadLetter) -> Sequence[object]:
    return (
        letter.tenant_id, letter.reason, letter.detail[:2000], letter.place.topic, letter.place.topic_id,
        letter.place.partition, letter.place.offset, letter.position, letter.statement_id, letter.payload,
    )  # fmt: skip
