"""Writes a batch although some of its statements cannot be stored, and says which.

Nothing that the LRS accepted should be refused by the database; if it is, that is our defect, and must not hold up
what came with it. The refused ones are found by halving, each tenant's on their own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from psycopg import Connection, DataError, Error

from core.envelope import Envelope
from core.writer.vocabulary import Vocabulary
from core.writer.write import StatementKey, Written, write

Item = TypeVar("Item")
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

    def attempt(some: Sequence[Pair]) -> str | None:
        return _try(connection, batch_id, some, vocabulary, sifted)

    if attempt(pairs) is None:
        return sifted
    for tenant_id in sorted({envelope.tenant_id for envelope, _ in pairs}):
        singles = [single for pair in pairs if pair[0].tenant_id == tenant_id for single in _singles(pair)]
        for (envelope, _), reason in halve(singles, attempt):
            sifted.refused[envelope.tenant_id, envelope.statements[0].id] = reason
    return sifted


def halve(items: Sequence[Item], attempt: Callable[[Sequence[Item]], str | None]) -> list[tuple[Item, str]]:
    """Those that are refused, with the reason; the others were written by `attempt`, which says why it could not."""
    halving = _Halving(attempt)
    halving.write(items)
    return halving.refused


def reason_of(error: Error) -> str:
    """Why a value was refused; any other fault goes on upwards."""
    # What the client itself refuses, such as a NUL in a text, has no code.
    if (error.sqlstate or "")[:2] not in REFUSALS and not isinstance(error, DataError):
        raise error
    return str(error).strip()


class _Halving(Generic[Item]):
    def __init__(self, attempt: Callable[[Sequence[Item]], str | None]) -> None:
        self._attempt = attempt
        self._attempts = 0
        self.refused: list[tuple[Item, str]] = []

    def write(self, items: Sequence[Item]) -> None:
        if not items:
            return
        self._attempts += 1
        reason = self._attempt(items)
        if reason is None:
            return
        if len(items) == 1 or self._attempts >= MOST_ATTEMPTS:
            self.refused += [(item, reason) for item in items]
            return
        middle = len(items) // 2
        self.write(items[:middle])
        self.write(items[middle:])


def _try(
    connection: Connection, batch_id: int, pairs: Sequence[Pair], vocabulary: Vocabulary, sifted: Sifted
) -> str | None:
    """Why it was refused, if it was."""
    try:
        with connection.transaction():
            written = write(connection, "xapi", batch_id, pairs, vocabulary)
    except Error as error:
        return reason_of(error)
    sifted.add(written)
    return None


def _singles(pair: Pair) -> list[Pair]:
    envelope, stored = pair
    return [(msgspec.structs.replace(envelope, statements=[one]), stored) for one in envelope.statements]
