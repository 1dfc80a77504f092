"""What cannot be read or stored: kept as it came, in a table and in a topic, before its offset is left behind."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from core.envelope import Envelope, seal

# Of the room that the LRS leaves in a record for its headers.
DETAIL_IN_HEADER = 100

Join = Callable[[Sequence[bytes]], bytes]
Reason = Literal["unreadable", "unknown_tenant", "invalid", "conflict", "refused"]

INSERT = """
insert into ingest.dead_letters (
    tenant_id, reason, detail, topic, topic_id, topic_partition, record_offset, position_in_record, statement_id,
    payload
)
select * from unnest(
    %s::int[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::int[], %s::bigint[], %s::int[], %s::uuid[],
    %b::bytea[]
)
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


class Note(NamedTuple):
    """For the topic: the payload as it is, so that what had room in one record has room in another."""

    payload: bytes
    headers: list[tuple[str, bytes]]


def notes(letters: Iterable[DeadLetter], join: Join) -> list[Note]:
    """One for all parts of a record that failed alike, joined again: a flood costs little more."""
    alike: dict[tuple[Place, Reason], list[DeadLetter]] = {}
    for letter in letters:
        alike.setdefault((letter.place, letter.reason), []).append(letter)
    return [_note(group, join) for group in alike.values()]


def _note(alike: Sequence[DeadLetter], join: Join) -> Note:
    first = alike[0]
    described = {
        "reason": first.reason,
        "detail": first.detail[:DETAIL_IN_HEADER],
        "topic": first.place.topic,
        "topicId": str(first.place.topic_id),
        "partition": first.place.partition,
        "offset": first.place.offset,
        "positions": [letter.position for letter in alike if letter.position is not None],
    }
    payload = first.payload if len(alike) == 1 else join([letter.payload for letter in alike])
    return Note(payload, [("deadLetter", msgspec.json.encode(described))])


def bury(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    """Within the caller's transaction."""
    rows = [_row(letter) for letter in letters]
    if rows:
        connection.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


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
