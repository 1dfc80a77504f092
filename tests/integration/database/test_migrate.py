from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from psycopg import connect
from pydantic import SecretStr

from core.database import migrations
from core.database.address import DatabaseUnreachableError, connect_admin
from core.database.migrate import MigrationReport, migrate, pending_migrations
from core.errors import UserError
from core.settings import DatabaseSettings, Settings
from tests.harness.command import Command
from tests.harness.database import Database, empty_database
from tests.integration.database.schema import SCHEMA_QUERIES, describe_schema

ALL = sorted(path.stem for path in (Path(migrations.__file__).parent / "versions").glob("0*.py"))


@pytest.fixture
def empty(server: Settings) -> Iterator[DatabaseSettings]:
    with empty_database(server, f"empty_{uuid4().hex}") as settings:
        yield settings


@pytest.mark.both_databases
def test_migrate__an_empty_database(empty: DatabaseSettings, edition: str) -> None:
    assert pending_migrations(empty) == [name[:4] for name in ALL]
    report = migrate(empty)
    assert report.applied == ALL
    assert report.edition.name.startswith("TimescaleDB" if edition == "timescaledb" else "PostgreSQL")
    assert pending_migrations(empty) == []


@pytest.mark.both_databases
def test_migrate__twice_changes_nothing(empty: DatabaseSettings) -> None:
    migrate(empty)
    with connect_admin(empty) as connection:
        before = describe_schema(connection)
    report = migrate(empty)
    with connect_admin(empty) as connection:
        after = describe_schema(connection)
    assert not report.changed
    assert before == after


@pytest.mark.both_databases
def test_migrate__many_at_once(empty: DatabaseSettings, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    with ThreadPoolExecutor(size.migrators) as pool:
        reports: list[MigrationReport] = list(pool.map(lambda _: migrate(empty), range(size.migrators)))
    assert sorted(len(report.applied) for report in reports) == [0] * (size.migrators - 1) + [len(ALL)]
    proof(migrators=size.migrators, applied_by=1)


def test_migrate__a_newer_database_is_refused(empty: DatabaseSettings) -> None:
    migrate(empty)
    with connect_admin(empty) as connection:
        connection.execute("update control.alembic_version set version_num = '9999'")
    for act in (migrate, pending_migrations):
        with pytest.raises(UserError, match="newer"):
            act(empty)


def test_migrate__a_failing_one_leaves_nothing_behind(empty: DatabaseSettings) -> None:
    with connect_admin(empty) as connection:
        connection.execute("create schema lms")
    with pytest.raises(Exception, match='schema "lms" already exists'):
        migrate(empty)
    with connect_admin(empty) as connection:
        row = connection.execute("select count(*) from pg_namespace where nspname = 'control'").fetchone()
    assert row == (0,)


def test_migrate__no_database_at_that_address(unused_port: int) -> None:
    away = DatabaseSettings(url=SecretStr(f"postgresql://user:hush@127.0.0.1:{unused_port}/lyceum"))
    with pytest.raises(DatabaseUnreachableError) as refused:
        migrate(away)
    assert f"127.0.0.1:{unused_port}/lyceum" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_migrate_command__says_what_it_did(empty: DatabaseSettings, server: Settings) -> None:
    lyceum = Command(server, empty)
    needed = lyceum("migrate", "--check")
    last = ALL[-1][:4]
    assert (needed.code, needed.out) == (3, f"Needed: {len(ALL)} migrations, 0001 to {last}. Run `lyceum migrate`.\n")
    done = lyceum("migrate")
    assert done.code == 0
    assert all(f"applied {name}" in done.out for name in ALL)
    assert done.err == ""
    after = lyceum("migrate", "--check")
    assert (after.code, after.out) == (0, "The database is up to date.\n")
    assert "Nothing to do" in lyceum("migrate").out


@pytest.mark.parametrize("what", SCHEMA_QUERIES)
def test_schema__is_the_same_on_both_databases(two_databases: tuple[Database, Database], what: str) -> None:
    described = []
    for database in two_databases:
        with database.admin() as connection:
            described.append(describe_schema(connection, only=what)[what])
    timescaledb, postgresql = described
    assert timescaledb == postgresql
    assert len(timescaledb) > 5


INSERT_AT = """
insert into xapi.statements
select 1, moment, gen_random_uuid(), moment, k, k, k, null, null, 1, '{}'
from unnest(%s::timestamptz[]) as moment cross join gen_random_uuid() as k
"""


def test_partitions__a_statement_lands_in_its_month(two_databases: tuple[Database, Database]) -> None:
    _, postgresql = two_databases
    with postgresql.admin() as connection:
        made = connection.execute("select xapi.ensure_partitions('2031-01-15', '2031-03-01')").fetchone()
        again = connection.execute("select xapi.ensure_partitions('2031-01-15', '2031-03-01')").fetchone()
        connection.execute(INSERT_AT, [["2031-02-28 23:59:59.999Z", "2031-03-01 00:00Z", "1999-01-01 00:00Z"]])
        landed = connection.execute("select tableoid::regclass::text from xapi.statements order by stored").fetchall()
    assert made == (6,)
    assert again == (0,)
    months = ["xapi.statements_default", "xapi.statements_2031_02", "xapi.statements_2031_03"]
    assert [row[0] for row in landed] == months


def test_partitions__a_month_with_rows_in_the_default_one_is_left_there(
    two_databases: tuple[Database, Database],
) -> None:
    _, postgresql = two_databases
    with postgresql.admin() as connection:
        connection.execute(INSERT_AT, [["2041-05-05 00:00Z"]])
        made = connection.execute("select xapi.ensure_partitions('2041-04-01', '2041-06-01')").fetchone()
    assert made == (5,)


def test_hypertable__has_chunks_of_30_days(database: Database) -> None:
    with connect(database.url) as connection:
        row = connection.execute(
            "select time_interval, column_name from timescaledb_information.dimensions "
            "where hypertable_name = 'statements'"
        ).fetchone()
    assert row is not None
    assert (row[0].days, row[1]) == (30, "stored")
