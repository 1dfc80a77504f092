"""Where accepted statements go."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec
from psycopg import Connection, DataError, IntegrityError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core.envelope import AcceptedStatement, Envelope
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from core.xapi.sameness import same_digest
from lrs.database import NAME_TENANT

ATTEMPTS = 5
LOCK_TIMEOUT = "set local lock_timeout = '200ms'"
PAUSE_SECONDS = 0.2
KNOWN = "select statement_id::text, digest from xapi.statement_ids where statement_id = any(%s::uuid[])"


class Outcome(NamedTuple):
    """`conflicts` are ids under which another statement is stored; `refused` are ids, with what the store said."""

    fresh: int = 0
    repeated: int = 0
    conflicts: frozenset[str] = frozenset()
    refused: Mapping[str, str] = {}

    def plus(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.fresh + other.fresh,
            self.repeated + other.repeated,
            self.conflicts | other.conflicts,
            {**self.refused, **other.refused},
        )


class Sink(Protocol):
    def write(self, envelope: Envelope) -> Outcome:
        """All of it, but for what the outcome names, and durably. No id stands twice in an envelope."""


class Nowhere:
    """For a dry run."""

    def write(self, envelope: Envelope) -> Outcome:
        return Outcome(len(envelope.statements))


class DatabaseSink:
    """Each envelope in one transaction, as the LRS's role."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._vocabulary = Vocabulary()
        self._months: set[tuple[int, int]] = set()
        prepare_staging(connection)

    def write(self, envelope: Envelope) -> Outcome:
        self._ensure_partitions(envelope.statements)
        try:
            return self._write(envelope)
        except (DataError, IntegrityError) as error:
            return self._write_halves(envelope, error)

    def _write_halves(self, envelope: Envelope, error: Exception) -> Outcome:
        """Until what the database does not take is alone."""
        statements = envelope.statements
        if len(statements) == 1:
            return Outcome(refused={statements[0].id: str(error).partition("\n")[0]})
        middle = len(statements) // 2
        return self.write(_with(envelope, statements[:middle])).plus(self.write(_with(envelope, statements[middle:])))

    def _write(self, envelope: Envelope) -> Outcome:
        with self._connection.transaction():
            known = self._known(envelope)
            unknown = [statement for statement in envelope.statements if statement.id not in known]
            conflicts = frozenset(
                statement.id
                for statement in envelope.statements
                if statement.id in known and not same_digest(statement.record.digest, known[statement.id])
            )
            outcome = Outcome(0, len(known) - len(conflicts), conflicts)
            if not unknown:
                return outcome
            outcome = outcome.plus(self._write_unknown(_with(envelope, unknown)))
        self._vocabulary.committed()
        return outcome

    def _write_unknown(self, envelope: Envelope) -> Outcome:
        row = self._connection.execute(
            "select batch_id, stored from ingest.begin_import(%s)", [envelope.tenant_id]
        ).fetchone()
        assert row is not None  # noqa: S101 - a function with out parameters gives one row
        batch_id, stored = row
        written = write(self._connection, "request", batch_id, [(envelope, stored)], self._vocabulary)
        # Others may have written some of them meanwhile.
        conflicts = frozenset(statement_id for _, statement_id in written.conflicts)
        return Outcome(written.fresh, len(envelope.statements) - written.fresh - len(conflicts), conflicts)

    def _known(self, envelope: Envelope) -> dict[str, bytes]:
        """Those that are stored already need no work: an import that is done again is mostly such."""
        self._connection.execute(NAME_TENANT, [str(envelope.tenant_id)])
        ids = [statement.id for statement in envelope.statements]
        return dict(self._connection.execute(KNOWN, [ids]).fetchall())

    def _ensure_partitions(self, statements: Sequence[AcceptedStatement]) -> None:
        moments = {(moment.year, moment.month): moment for moment in _moments(statements)}
        for month in moments.keys() - self._months:
            self._ensure_partition(moments[month])
            self._months.add(month)

    def _ensure_partition(self, moment: datetime) -> None:
        """On PostgreSQL, where nobody can read while a partition is made, and whoever reads now is waited for.

        Not for long, as others queue up behind. Without a partition its rows lie in the default one, and are found.
        """
        for _ in range(ATTEMPTS):
            try:
                with self._connection.transaction():
                    self._connection.execute(LOCK_TIMEOUT)
                    self._connection.execute("select xapi.ensure_past_partition(%s)", [moment])
            except (LockNotAvailable, DeadlockDetected):
                time.sleep(PAUSE_SECONDS)
            else:
                return


def _moments(statements: Sequence[AcceptedStatement]) -> list[datetime]:
    return [statement.stored for statement in statements if statement.stored is not None]


def _with(envelope: Envelope, statements: Sequence[AcceptedStatement]) -> Envelope:
    return msgspec.structs.replace(envelope, statements=statements)
