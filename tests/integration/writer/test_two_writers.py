"""Two transactions that are open at once: however they end, the rows are as if one had come after the other."""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import Written, write
from tests.harness.database import Database
from tests.harness.statements import NOW, make_envelope, make_statement, make_void
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.both_databases

Statement = dict[str, Any]
LATER = NOW + timedelta(seconds=1)
BLOCKED = "select count(*) from pg_locks where not granted and pid = %s"
TABLES = {
    "xapi.statements": "statement_id, stored, verb_key, actor_key, object_key, statement::text",
    "xapi.statement_ids": "statement_id, stored, digest",
    "xapi.statement_relations": "related_key, is_direct, stored, statement_id",
    "xapi.statement_references": "target_id, statement_id, stored, is_voiding",
    "xapi.activity_definitions": "activity_key, definition::text, stored, statement_id",
    "xapi.activities": "iri",
    "xapi.verbs": "iri",
    "xapi.agents": "agent::text",
}


def about(name: str, **changes: Any) -> Statement:
    activity = {"id": "https://lms.example/l", "definition": {"name": {"en": name}}}
    return make_statement(object=activity, **changes)


def target_and_void() -> tuple[Statement, Statement]:
    target = make_statement()
    return target, make_void(target["id"])


def target_and_referrer() -> tuple[Statement, Statement]:
    target = make_statement()
    return target, make_statement(object={"objectType": "StatementRef", "id": target["id"]})


def two_definitions() -> tuple[Statement, Statement]:
    return about("One"), about("Two")


def one_definition() -> tuple[Statement, Statement]:
    return about("One"), about("One")


def new_words() -> tuple[Statement, Statement]:
    """Verb, actor and activity are new, and the same."""
    words: Statement = {
        "verb": {"id": f"https://x.example/{uuid4()}"},
        "actor": {"mbox": "mailto:new@x.example", "name": "New"},
        "context": {"instructor": {"mbox": "mailto:teacher@x.example"}},
    }
    return make_statement(**words), make_statement(**words)


def one_id() -> tuple[Statement, Statement]:
    statement = make_statement()
    return statement, dict(statement)


def one_id_for_two() -> tuple[Statement, Statement]:
    statement = about("One")
    return statement, {**statement, "actor": {"mbox": "mailto:other@x.example"}}


ENDS = ("first first", "second first", "first fails")
PAIRS = [target_and_void, target_and_referrer, two_definitions, one_definition, new_words, one_id, one_id_for_two]


def put(connection: Connection, tenant_id: int, statement: Statement, stored: datetime) -> Written:
    prepare_staging(connection)
    row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant_id]]).fetchone()
    assert row is not None
    return write(connection, "xapi", row[0], [(make_envelope(tenant_id, statement), stored)], Vocabulary())


def rows(database: Database) -> dict[str, list[Any]]:
    with database.admin() as connection:
        return {
            table: sorted(connection.execute(f"select {columns} from {table}").fetchall(), key=repr)
            for table, columns in TABLES.items()
        }


def empty(database: Database) -> None:
    with database.admin() as connection:
        for table in TABLES:
            connection.execute(f"delete from {table}")


def both_open(database: Database, tenant_id: int, works: Sequence[tuple[Statement, datetime]], end: str) -> None:
    """The second begins while the first is open; where they touch the same row, it waits for the first to end."""
    with (
        database.service("ingest") as first,
        database.service("ingest") as second,
        database.admin(autocommit=True) as watching,
        ThreadPoolExecutor(1) as pool,
    ):
        put(first, tenant_id, *works[0])
        waiting = pool.submit(put, second, tenant_id, *works[1])

        def has_come_far() -> bool:
            row = watching.execute(BLOCKED, [second.info.backend_pid]).fetchone()
            return waiting.done() or row != (0,)

        wait_until(has_come_far)
        if end == "second first" and waiting.done():
            second.commit()
        first.rollback() if end == "first fails" else first.commit()
        waiting.result(20)
        second.commit()


def test_two_transactions__are_as_one_after_the_other(database: Database, proof: Callable[..., None]) -> None:
    tenant_id, cases = database.tenant("school").tenant_id, 0
    for make, end in itertools.product(PAIRS, ENDS):
        one, other = make()
        for works in ([(one, NOW), (other, LATER)], [(other, LATER), (one, NOW)], [(one, LATER), (other, NOW)]):
            for statement, stored in works[1:] if end == "first fails" else works:
                with database.service("ingest") as connection:
                    put(connection, tenant_id, statement, stored)
            expected = rows(database)
            empty(database)
            both_open(database, tenant_id, works, end)
            assert rows(database) == expected, (make.__name__, end)
            empty(database)
            cases += 1
    proof(cases=cases)
