"""A database as it is after two years: by learners of 1,000 statements each, written by the writer that ingest uses.

Two in a thousand statements are about another one: one comments on it, one voids it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection, connect

from bench.servers import Access
from bench.statements import Generator, Statement
from core.database.address import role_conninfo
from core.envelope import AcceptedStatement, Envelope
from core.settings import Settings
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from core.xapi.batches import read_batch
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.times import format_timestamp
from core.xapi.versions import Version

PER_LEARNER = 1_000
SPAN = timedelta(days=730)
BATCH = 5_000
AUTHORITY = b'{"account":{"homePage":"https://lms.example.org","name":"content"}}'
# One statement in so many: primes, so that these are not always the same learners'. The target is BEFORE older.
COMMENTED_EVERY, VOIDED_EVERY, BEFORE = 997, 1_009, 500

Pair = tuple[Envelope, datetime]


@dataclass(frozen=True)
class Filled:
    count: int
    learners: int
    began: datetime

    def at(self, number: int) -> datetime:
        """When a statement was stored."""
        return self.began + SPAN * (number / self.count)


def plan_fill(count: int) -> Filled:
    """Up to a day ago, so that what is written from now on is the newest."""
    yesterday = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    return Filled(count, max(1, count // PER_LEARNER), yesterday - SPAN)


def fill(settings: Settings, access: Access, filled: Filled, note: Callable[[str], None]) -> None:
    began = time.monotonic()
    with connect(role_conninfo(settings.database, "lyceum_ingest")) as connection:
        _make_partitions(connection, filled)
        prepare_staging(connection)
        vocabulary = Vocabulary()
        pairs: list[Pair] = []
        for number, pair in enumerate(_envelopes(access, filled), start=1):
            pairs.append(pair)
            if number % BATCH == 0 or number == filled.count:
                write_batch(connection, access, pairs, vocabulary)
                pairs = []
            if number % (filled.count // 10) == 0:
                note(f"{number:,} statements after {time.monotonic() - began:.0f} s")


def _make_partitions(connection: Connection, filled: Filled) -> None:
    connection.execute("select xapi.ensure_partitions(%s, %s)", [filled.began.date(), filled.at(filled.count).date()])
    connection.commit()


def write_batch(connection: Connection, access: Access, pairs: list[Pair], vocabulary: Vocabulary) -> None:
    row = connection.execute("select ingest.open_batch('import', %s)", [[access.tenant_id]]).fetchone()
    assert row is not None
    written = write(connection, "xapi", row[0], pairs, vocabulary)
    assert written.fresh == len(pairs)
    connection.commit()
    vocabulary.committed()


def _envelopes(access: Access, filled: Filled) -> Iterator[Pair]:
    generator = Generator(seed=filled.count, actors=filled.learners)
    lately: list[Statement] = []
    for number in range(filled.count):
        stored = filled.at(number)
        stored = stored.replace(microsecond=stored.microsecond // 1000 * 1000)
        timestamp = format_timestamp(stored - timedelta(seconds=2))
        if number % COMMENTED_EVERY == BEFORE and number > BEFORE:
            body = generator.refer(timestamp, lately[0], "commented")
        elif number % VOIDED_EVERY == BEFORE and number > BEFORE:
            body = generator.refer(timestamp, lately[1], "voided")
        else:
            # Each learner in turn, and each does something through all of the time.
            lately.append(generator.make(timestamp, actor=number % filled.learners))
            del lately[:-BEFORE]
            body = lately[-1].body
        yield Envelope(access.tenant_id, access.credential_id, stored, [accept(body, access.tenant_id)]), stored


def accept(body: bytes, tenant_id: int) -> AcceptedStatement:
    (statement,) = read_batch(body, Version.V1).statements
    assert statement.id is not None
    record = derive(statement, tenant_id)
    return AcceptedStatement(statement.id, record, compose(statement, statement.id, Version.V1, AUTHORITY))
