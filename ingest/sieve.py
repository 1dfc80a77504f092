"""Writes a batch although some of its statements cannot be stored, and says which.

Nothing that the LRS accepted should be refused by the database; if it is, that is our defect, and must not hold up
what came with it. The refused ones are found by halving, each tenant's on their own.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import Connection, DataError, Error

from core.envelope import Envelope
from core.writer.vocabulary import Vocabulary
from core.writer.write import StatementKey, Written, write

Pair = tuple[Envelope, datetime]

# Classes of SQLSTATE by which a value is refused: data, constraints, limits, triggers.
REFUSALS = ("22", "23", "54", "P0")
# So many attempts a tenant and batch; then all that is still in question is put aside, to be tried again.
MOST_ATTEMPTS = 64


class Sifted(msgspec.Struct):
    fresh: int = 0
    repeated: set[StatementKey] = msgspec.field(default_factory=set)
    conflicts: set[StatementKey] = msgspec.field(default_factory=set)
    # With the database's reason.
    refused: dict[StatementKey, str] = msgspec.field(default_factory=dict)

    def add(self, written: Written) -> None:
        self.fresh += written.fresh
        self.repeated |= written.repeated
        self.conflicts |= written.conflicts


def sift(connection: Connection, batch_id: int, pairs: Sequence[Pair], vocabulary: Vocabulary) -> Sifted:
    sifted = Sifted()
    if _try(connection, batch_id, pairs, vocabulary, sifted) is None:
        return sifted
    for tenant_id in sorted({envelope.tenant_id for envelope, _ in pairs}):
        singles = [single for pair in pairs if pair[0].tenant_id == tenant_id for single in _singles(pair)]
        _Halving(connection, batch_id, vocabulary, sifted).write(singles)
    return sifted


class _Halving:
    def __init__(self, connection: Connection, batch_id: int, vocabulary: Vocabulary, sifted: Sifted) -> None:
        self._connection = connection
        self._batch_id = batch_id
        self._vocabulary = vocabulary
        self._sifted = sifted
        self._attempts = 0

    def write(self, singles: Sequence[Pair]) -> None:
        if not singles:
            return
        self._attempts += 1
        reason = _try(self._connection, self._batch_id, singles, self._vocabulary, self._sifted)
        if reason is None:
            return
        if len(singles) == 1 or self._attempts >= MOST_ATTEMPTS:
            for envelope, _ in singles:
                self._sifted.refused[envelope.tenant_id, envelope.statements[0].id] = reason
            return
        middle = len(singles) // 2
        self.write(singles[:middle])
        self.write(singles[middle:])


def _try(
    connection: Connection, batch_id: int, pairs: Sequence[Pair], vocabulary: Vocabulary, sifted: Sifted
) -> str | None:
    """Why it was refused, if it was."""
    try:
        with connection.transaction():
            written = write(connection, "xapi", batch_id, pairs, vocabulary)
    except Error as error:
        # What the client itself refuses, such as a NUL in a text, has no code.
        if (error.sqlstate or "")[:2] not in REFUSALS and not isinstance(error, DataError):
            raise
        return str(error).strip()
    sifted.add(written)
    return None


def _singles(pair: Pair) -> list[Pair]:
    envelope, stored = pair
    return [(msgspec.structs.replace(envelope, statements=[one]), stored) for one in envelope.statements]
