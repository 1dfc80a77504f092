"""The sequencer (D7): numbers follow commits, not beginnings, and none is ever overtaken."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest
from psycopg import Connection

from tests.harness.database import Database

pytestmark = pytest.mark.both_databases
WRITERS = 4


def open_batch(connection: Connection, tenants: list[int] | None = None) -> int:
    row = connection.execute("select ingest.open_batch('statements', %s::int[])", [tenants or []]).fetchone()
    assert row is not None
    return int(row[0])


def number_batches(connection: Connection) -> int:
    row = connection.execute("select ingest.number_batches()").fetchone()
    assert row is not None
    return int(row[0])


def numbers(connection: Connection) -> dict[int, int]:
    query = "select batch_id, number from ingest.batches where number is not null"
    return {row[0]: row[1] for row in connection.execute(query)}


def test_number_batches__one_that_commits_late_comes_after(database: Database) -> None:
    with database.service("ingest") as slow, database.service("ingest", autocommit=True) as quick:
        late = open_batch(slow)
        early = open_batch(quick)
        assert late < early
        assert number_batches(quick) == 1
        slow.commit()
        assert number_batches(quick) == 2
        assert numbers(quick) == {early: 1, late: 2}


def test_number_batches__nothing_new_changes_nothing(database: Database) -> None:
    with database.service("ingest", autocommit=True) as connection:
        assert number_batches(connection) == 0
        open_batch(connection)
        assert [number_batches(connection) for _ in range(3)] == [1, 1, 1]


def test_number_batches__a_batch_rolled_back_leaves_no_gap(database: Database) -> None:
    with database.service("ingest") as connection:
        open_batch(connection)
        connection.rollback()
        kept = open_batch(connection)
        connection.commit()
        assert number_batches(connection) == 1
        assert numbers(connection) == {kept: 1}


def test_open_batch__remembers_whose_rows_it_changes(database: Database) -> None:
    tenants = [database.tenant(slug).tenant_id for slug in ("one", "two")]
    with database.service("ingest") as connection:
        batch_id = open_batch(connection, [*tenants, tenants[0]])
        query = "select tenant_id from ingest.batch_tenants where batch_id = %s order by 1"
        assert [row[0] for row in connection.execute(query, [batch_id])] == tenants


def test_number_batches__a_follower_misses_none_while_many_write(
    database: Database, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    """Writers hold transactions open across one another; a follower takes what has a greater number than it knows."""
    per_writer = size.sequenced_batches // WRITERS
    done = Event()

    def write(writer: int) -> list[int]:
        chance = random.Random(writer)
        committed = []
        with database.service("ingest") as first, database.service("ingest") as second:
            for _ in range(per_writer // 2):
                pair = [(first, open_batch(first)), (second, open_batch(second))]
                chance.shuffle(pair)
                for connection, batch_id in pair:
                    connection.commit()
                    committed.append(batch_id)
        return committed

    def follow() -> list[int]:
        position, seen = 0, []
        with database.service("transform", autocommit=True) as connection:
            while True:
                last_round = done.is_set()
                number_batches(connection)
                query = "select number, batch_id from ingest.batches where number > %s order by number"
                for number, batch_id in connection.execute(query, [position]).fetchall():
                    assert number == position + 1
                    position = number
                    seen.append(batch_id)
                if last_round:
                    return seen

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        followers = [pool.submit(follow) for _ in range(2)]
        written = [batch_id for batch in pool.map(write, range(WRITERS)) for batch_id in batch]
        done.set()
        seen = [follower.result() for follower in followers]
    assert sorted(seen[0]) == sorted(written)
    assert seen[0] == seen[1]
    proof(batches=len(written), missed=0, overtaken=0)
