"""The limit that the LRS is measured against: raw COPY of the same statements, by one connection. FROZEN.

Nothing here follows our own schema, nor uses our code, so that a ratio of today can be laid beside one of last year:
do not change it. Batches of 5,000, each one transaction: a hypertable (30-day chunks by stored; a plain table on
PostgreSQL) with five indexes, and a table of ids with its primary key. The lines are made before the clock runs.

`python -m bench.reference` prints statements per second and bytes on disk per statement.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from psycopg import Connection

from bench.servers import embedded_database, make_database
from bench.statements import Generator, Statement, account, activity_id, verb_id

BATCH = 5_000

TABLES = """
create schema reference;
create table reference.statement_ids (
    tenant_id integer not null,
    statement_id uuid not null,
    stored timestamptz not null,
    primary key (tenant_id, statement_id)
);
create table reference.statements (
    tenant_id integer not null,
    stored timestamptz not null,
    statement_id uuid not null,
    timestamp timestamptz not null,
    actor uuid not null,
    verb uuid not null,
    activity uuid not null,
    registration uuid not null,
    statement json not null
);
"""
HYPERTABLE = """
create extension if not exists timescaledb;
select create_hypertable(
    'reference.statements', by_range('stored', interval '30 days'), create_default_indexes => false
)
"""
INDEXES = """
create index on reference.statements (tenant_id, stored);
create index on reference.statements (actor, stored);
create index on reference.statements (verb, stored);
create index on reference.statements (activity, stored);
create index on reference.statements (registration, stored);
"""
SIZE = """
select sum(pg_total_relation_size(pg_class.oid))
from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where relkind = 'r' and (nspname = 'reference' or relname like '\\_hyper\\_%chunk')
"""


class Reference:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.statements = 0

    def prepare(self) -> None:
        with self._connection.transaction():
            self._connection.execute(TABLES)
            available = "select from pg_available_extensions where name = 'timescaledb'"
            if self._connection.execute(available).fetchone() is not None:
                self._connection.execute(HYPERTABLE)
            self._connection.execute(INDEXES)

    def speed(self, generator: Generator, batches: int) -> float:
        """Statements per second."""
        spent = sum(self._copy(generator.batch(BATCH, "2026-06-01T10:30:12.120Z")) for _ in range(batches))
        self.statements += BATCH * batches
        return BATCH * batches / spent

    def bytes_per_statement(self) -> float:
        row = self._connection.execute(SIZE).fetchone()
        assert row is not None
        return float(row[0]) / self.statements

    def _copy(self, statements: Sequence[Statement]) -> float:
        stored = datetime.now(UTC).isoformat()
        ids = "".join(f"1\t{statement.id}\t{stored}\n" for statement in statements).encode()
        lines = b"".join(_line(statement, stored) for statement in statements)
        began = time.perf_counter()
        with self._connection.transaction(), self._connection.cursor() as cursor:
            with cursor.copy("copy reference.statement_ids from stdin") as copy:
                copy.write(ids)
            with cursor.copy("copy reference.statements from stdin") as copy:
                copy.write(lines)
        return time.perf_counter() - began


def _line(statement: Statement, stored: str) -> bytes:
    columns = "\t".join((
        "1", stored, statement.id, "2026-06-01T10:30:12.120Z", _key(account(statement.actor)["name"]),
        _key(verb_id(statement.verb)), _key(activity_id(statement.activity)), statement.registration,
    ))  # fmt: skip
    return columns.encode() + b"\t" + statement.body.replace(b"\\", b"\\\\") + b"\n"


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def main() -> None:
    parser = argparse.ArgumentParser(description="Raw COPY: the limit.")
    parser.add_argument("--batches", type=int, default=20)
    options = parser.parse_args()
    with embedded_database() as settings, make_database(settings, "reference") as connection:
        reference = Reference(connection)
        reference.prepare()
        generator = Generator(seed=1)
        reference.speed(generator, 2)
        for _ in range(3):
            print(f"{reference.speed(generator, options.batches):,.0f} statements/s")
        print(f"{reference.bytes_per_statement():,.0f} bytes on disk per statement")


if __name__ == "__main__":
    main()
