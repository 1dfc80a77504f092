import itertools
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from core.envelope import Envelope
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import Written, write
from tests.harness.database import Database
from tests.harness.statements import NOW, make_envelope, make_statement, make_void

pytestmark = pytest.mark.both_databases


def put(connection: Connection, *envelopes: tuple[Envelope, datetime], vocabulary: Vocabulary | None = None) -> Written:
    prepare_staging(connection)
    tenants = [envelope.tenant_id for envelope, _ in envelopes]
    row = connection.execute("select ingest.open_batch('statements', %s)", [tenants]).fetchone()
    assert row is not None
    return write(connection, "xapi", row[0], envelopes, vocabulary or Vocabulary())


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.fixture
def tenant_id(database: Database) -> int:
    return database.tenant("school").tenant_id


def test_write__the_body_as_received_with_what_the_lrs_adds(database: Database, tenant_id: int) -> None:
    text = r'{"a": 1E2, "b": 1.10, "c": "tab \t quote \" backslash \\ Ä \u00e4"}'
    extended = make_statement(result={"extensions": {"https://x.example/e": json.loads(text)}})
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, extended), NOW))
        ((stored, body),) = rows(connection, "select stored, statement from xapi.statements")
    assert stored == NOW
    assert body["stored"] == "2026-06-01T12:00:00.000Z"
    assert body["result"] == extended["result"]
    assert body["authority"]["account"]["name"] == "content"


def test_write__a_statement_without_timestamp_gets_stored(database: Database, tenant_id: int) -> None:
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, make_statement(timestamp=None)), NOW))
        ((timestamp, body),) = rows(connection, "select timestamp, statement from xapi.statements")
    assert timestamp == NOW
    assert body["timestamp"] == body["stored"]


def test_write__again_changes_nothing(database: Database, tenant_id: int) -> None:
    envelope = make_envelope(tenant_id, make_statement(), make_statement())
    with database.service("ingest") as connection:
        assert put(connection, (envelope, NOW)).fresh == 2
        connection.commit()
        again = put(connection, (envelope, NOW + timedelta(hours=1)))
        assert rows(connection, "select count(*), max(stored) from xapi.statements") == [(2, NOW)]
    assert (again.fresh, len(again.repeated), again.conflicts) == (0, 2, frozenset())


def test_write__another_statement_under_a_known_id_is_a_conflict_and_the_rest_lands(
    database: Database, tenant_id: int
) -> None:
    first, other = make_statement(), make_statement()
    changed = {**first, "object": {"id": "https://lms.example/lessons/2", "definition": {"name": {"en": "Two"}}}}
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, first), NOW))
        connection.commit()
        written = put(connection, (make_envelope(tenant_id, changed, other), NOW + timedelta(seconds=1)))
        assert rows(connection, "select count(*) from xapi.statements") == [(2,)]
        assert rows(connection, "select count(*) from xapi.activity_definitions") == [(0,)]
    assert written.conflicts == {(tenant_id, first["id"])}
    assert written.fresh == 1


def test_write__the_same_id_in_two_tenants(database: Database, tenant_id: int) -> None:
    statement, other = make_statement(), database.tenant("other").tenant_id
    changed = {**statement, "actor": {"mbox": "mailto:bob@school.example"}}
    with database.service("ingest") as connection:
        both = put(connection, (make_envelope(tenant_id, statement), NOW), (make_envelope(other, changed), NOW))
        keys = rows(connection, "select distinct verb_key from xapi.statements")
    assert both.fresh == 2
    assert len(keys) == 2, "keys of one tenant say nothing of another's"


def test_write__relations_beside_actor_and_object(database: Database, tenant_id: int) -> None:
    statement = make_statement(
        actor={
            "objectType": "Group", "mbox": "mailto:team@school.example",
            "member": [{"mbox": "mailto:ada@school.example"}, {"mbox": "mailto:bob@school.example"}],
        },
        context={
            "instructor": {"mbox": "mailto:teacher@school.example"},
            "contextActivities": {"parent": {"id": "https://lms.example/courses/1"}},
        },
    )  # fmt: skip
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, statement), NOW))
        found = rows(connection, "select is_direct, count(*) from xapi.statement_relations group by 1 order by 1")
        agents = rows(connection, "select agent ->> 'mbox' from xapi.agents order by 1")
    assert found == [(False, 2), (True, 2)]
    assert [row[0].split("@")[0].removeprefix("mailto:") for row in agents] == ["ada", "bob", "teacher", "team"]


def test_write__references_and_voidings(database: Database, tenant_id: int) -> None:
    target = str(uuid4())
    reference = make_statement(object={"objectType": "StatementRef", "id": target})
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, reference, make_void(target)), NOW))
        found = rows(connection, "select target_id::text, is_voiding from xapi.statement_references order by 2")
    assert found == [(target, False), (target, True)]


def snapshot(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    tables = {
        "activity_definitions": "*", "activities": "*", "verbs": "*", "agents": "*",
        "statement_references": "target_id, statement_id, stored, is_voiding",
        "statements": "statement_id, stored, statement::text", "statement_relations": "*",
    }  # fmt: skip
    return {
        table: sorted(rows(connection, f"select {columns} from xapi.{table}"), key=repr)
        for table, columns in tables.items()
    }


def test_write__any_order_gives_the_same_rows(database: Database, tenant_id: int) -> None:
    def about(name: str, **changes: Any) -> dict[str, Any]:
        activity = {"id": "https://lms.example/lessons/1", "definition": {"name": {"en": name}}}
        return make_statement(object=activity, **changes)

    first = about("One")
    pieces = [
        (make_envelope(tenant_id, first), NOW),
        (make_envelope(tenant_id, about("Two")), NOW + timedelta(minutes=1)),
        (make_envelope(tenant_id, about("One", actor={"mbox": "mailto:ada@school.example", "name": "A."})), NOW),
        (make_envelope(tenant_id, make_void(first["id"])), NOW - timedelta(days=40)),
    ]
    seen = []
    for order in itertools.permutations(pieces):
        with database.service("ingest") as connection:
            vocabulary = Vocabulary()
            for piece in order:
                put(connection, piece, vocabulary=vocabulary)
                vocabulary.committed()
            seen.append(snapshot(connection))
            connection.rollback()
    assert all(one == seen[0] for one in seen)
    assert len(seen) == 24
    assert {row[4] for row in seen[0]["activity_definitions"]} == {NOW, NOW + timedelta(minutes=1)}


@pytest.mark.parametrize("target_commits_first", [True, False])
def test_write__two_transactions_that_do_not_see_each_other(
    database: Database, tenant_id: int, target_commits_first: bool
) -> None:
    """A target and its void, and two definitions of one activity: both open at once, committed in either order."""

    def about(name: str, **changes: Any) -> dict[str, Any]:
        activity = {"id": "https://lms.example/l", "definition": {"name": {"en": name}}}
        return make_statement(**changes, context={"contextActivities": {"parent": activity}})

    target = about("One")
    void = make_void(target["id"], context=about("Two")["context"])
    # What both name is there already, and the chunks: else the second would wait for the first to commit.
    parent = {"contextActivities": {"parent": {"id": "https://lms.example/l"}}}
    known = [make_statement(context=parent), make_void(str(uuid4()))]
    one_vocabulary, two_vocabulary = Vocabulary(), Vocabulary()
    with database.service("ingest") as one, database.service("ingest") as two:
        for vocabulary in (one_vocabulary, two_vocabulary):
            put(one, (make_envelope(tenant_id, *known), NOW), vocabulary=vocabulary)
            one.commit()
            vocabulary.committed()
        put(one, (make_envelope(tenant_id, target), NOW), vocabulary=one_vocabulary)
        put(two, (make_envelope(tenant_id, void), NOW + timedelta(seconds=1)), vocabulary=two_vocabulary)
        for connection in (one, two) if target_commits_first else (two, one):
            connection.commit()
        voided = "select statement_id::text from xapi.statement_references where is_voiding and target_id = %s"
        assert one.execute(voided, [target["id"]]).fetchall() == [(void["id"],)]
        definitions = rows(
            one, "select definition -> 'name' ->> 'en', stored from xapi.activity_definitions order by 1"
        )
    assert definitions == [("One", NOW), ("Two", NOW + timedelta(seconds=1))]


def test_vocabulary__a_rolled_back_one_is_written_again(database: Database, tenant_id: int) -> None:
    vocabulary = Vocabulary()
    with database.service("ingest") as connection:
        put(connection, (make_envelope(tenant_id, make_statement()), NOW), vocabulary=vocabulary)
        connection.rollback()
        put(connection, (make_envelope(tenant_id, make_statement()), NOW), vocabulary=vocabulary)
        assert rows(connection, "select count(*) from xapi.verbs") == [(1,)]
