"""Up to where each partition is in the tables: read before anything else, moved with what it speaks of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

READ = """
select topic_partition, next_offset, through
from ingest.ledger
where cluster_id = %(cluster_id)s and topic_id = %(topic_id)s and retired_at is null
"""

# Only from where this writer believed it to be, and only if nothing that it brings was promised to be there already.
MOVE = """
update ingest.ledger as ledger
set next_offset = move.to_offset, through = greatest(ledger.through, move.through), updated_at = now()
from unnest(
    %(partition)s::int[], %(from_offset)s::bigint[], %(to_offset)s::bigint[], %(first)s::timestamptz[],
    %(through)s::timestamptz[]
) as move (topic_partition, from_offset, to_offset, first_stored, through)
where ledger.cluster_id = %(cluster_id)s and ledger.topic_id = %(topic_id)s and ledger.retired_at is null
    and ledger.topic_partition = move.topic_partition and ledger.next_offset = move.from_offset
    and (ledger.through is null or move.first_stored is null or ledger.through < move.first_stored)
"""


class FencedError(Exception):
    """Another consumer has moved the ledger, or a time was promised meanwhile: read it again, nothing is wrong."""


class Source(NamedTuple):
    """A topic, as the ledger knows it."""

    cluster_id: str
    topic_id: UUID


class Position(NamedTuple):
    next_offset: int
    through: datetime | None


class Move(NamedTuple):
    """`first` is the earliest time that the records between the offsets are stored with."""

    partition: int
    from_offset: int
    to_offset: int
    first: datetime | None
    through: datetime | None


def read_positions(connection: Connection, source: Source) -> dict[int, Position]:
    rows = connection.execute(READ, source._asdict()).fetchall()
    return {row[0]: Position(row[1], row[2]) for row in rows}


def know_partitions(connection: Connection, source: Source, topic: str, lane: str, partitions: int) -> bool:
    """False: the ledger knows another topic of this name."""
    row = connection.execute(
        "select ingest.know_partitions(%s, %s, %s, %s, %s)",
        [source.cluster_id, source.topic_id, topic, lane, partitions],
    ).fetchone()
    return bool(row and row[0])


def move(connection: Connection, source: Source, moves: Sequence[Move]) -> None:
    """Within the transaction that writes what lies between the offsets."""
    columns: Mapping[str, object] = {
        "partition": [each.partition for each in moves],
        "from_offset": [each.from_offset for each in moves],
        "to_offset": [each.to_offset for each in moves],
        "first": [each.first for each in moves],
        "through": [each.through for each in moves],
        **source._asdict(),
    }
    if connection.execute(MOVE, columns).rowcount != len(moves):
        raise FencedError
