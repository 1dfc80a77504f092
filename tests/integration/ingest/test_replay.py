"""The topics read again: into the tables that are there, and into empty ones."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.tenants import NewTenant, create_tenant
from tests.harness.command import Command, Finished
from tests.harness.database import Database, cloned
from tests.harness.load import Load, addresses_of
from tests.harness.pipeline import Pipeline, School

# All that a rebuilt database must have again; batch ids are a matter of when.
TABLES = {
    "xapi.statements": "tenant_id, stored, statement_id, timestamp, verb_key, actor_key, object_key, registration, "
    "credential_id, statement::text",
    "xapi.statement_ids": "*",
    "xapi.statement_relations": "*",
    "xapi.statement_references": "tenant_id, target_id, statement_id, stored, is_voiding",
    "xapi.verbs": "*",
    "xapi.activities": "*",
    "xapi.activity_definitions": "tenant_id, activity_key, definition_key, definition::text, stored, statement_id",
    "xapi.agents": "tenant_id, agent_key, form_key, agent::text",
    "xapi.attachments": "tenant_id, sha2, content_type, length",
}


@pytest.fixture
def empty(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


def command(pipeline: Pipeline, database: Database, *arguments: str) -> Finished:
    lyceum = Command(pipeline.server, database.settings)
    return lyceum(*arguments, LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix)


def contents(database: Database) -> dict[str, set[Any]]:
    with database.admin() as connection:
        return {
            table: set(connection.execute(f"select {columns} from {table}").fetchall())
            for table, columns in TABLES.items()
        }


def without_times(rows: dict[str, set[Any]]) -> dict[str, set[Any]]:
    def bare(value: Any) -> Any:
        return re.sub(r'"(stored|timestamp)":"[^"]*"', "", value) if isinstance(value, str) else value

    return {
        table: {tuple(bare(value) for value in row if not isinstance(value, datetime)) for row in found}
        for table, found in rows.items()
    }


def make_again(school: School, database: Database) -> None:
    """The same tenant in another database: under its uuid, and here with the same number."""
    tenant = school.tenant
    with database.admin() as connection:
        new = NewTenant(tenant.slug, tenant.name, tenant_uuid=tenant.tenant_uuid)
        assert create_tenant(connection, new, database.key).tenant_id == tenant.tenant_id


def test_rebuild__gives_the_same_rows(pipeline: Pipeline, empty: Database, unused_port: int, proof: Any) -> None:
    """Also of what was written through, by an LRS that does not find the broker."""
    school = pipeline.school()
    lost = pipeline.start_lrs(LYCEUM_KAFKA_BOOTSTRAP=f"127.0.0.1:{unused_port}")
    pipeline.start()
    lost.wait_ready()
    with Load(school, addresses_of(pipeline.lrs), most=600) as load:
        load.wait_acknowledged(600)
    pipeline.wait_drained()
    late = pipeline.ingest[0].metric("lyceum_ingest_late_records_total")
    pipeline.ingest[0].stop()
    make_again(school, empty)
    done = command(pipeline, empty, "ingest", "rebuild", "--json")
    assert done.code == 0, done.err
    before, after = contents(pipeline.database), contents(empty)
    assert len(before["xapi.statements"]) == len(load.acknowledged)
    if late:
        # The topic does not know that these were stored later than the broker says.
        before, after = without_times(before), without_times(after)
    for table in TABLES:
        assert after[table] == before[table], table
    written_through = lost.metric("lyceum_lrs_handed_over_total")
    assert written_through > 0
    proof(
        statements=len(load.acknowledged),
        requests_written_through=int(written_through),
        late_records=int(late),
        rows_that_differ=0,
    )


def test_rebuild__then_ingest_goes_on_where_it_ended(pipeline: Pipeline, empty: Database) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=50) as load:
        load.wait_acknowledged(50)
    pipeline.wait_drained()
    pipeline.ingest[0].stop()
    make_again(school, empty)
    assert command(pipeline, empty, "ingest", "rebuild").code == 0
    with empty.admin() as connection, pipeline.database.admin() as other:
        query = "select topic, topic_partition, next_offset from ingest.ledger order by 1, 2"
        assert connection.execute(query).fetchall() == other.execute(query).fetchall()


def test_rebuild__a_database_that_has_statements(pipeline: Pipeline) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=20) as load:
        load.wait_acknowledged(20)
    pipeline.wait_drained()
    refused = command(pipeline, pipeline.database, "ingest", "rebuild")
    assert refused.code == 1
    assert "has statements already" in refused.err


def test_rebuild__unknown_tenants_wait_as_dead_letters(pipeline: Pipeline, empty: Database) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=20, batch=5) as load:
        load.wait_acknowledged(20)
    pipeline.wait_drained()
    done = command(pipeline, empty, "ingest", "rebuild")
    assert done.code == 1
    assert str(school.tenant.tenant_uuid) in done.err
    make_again(school, empty)
    letters = command(pipeline, empty, "dead-letters", "list", "--json").json
    assert {letter["reason"] for letter in letters} == {"unknown_tenant"}
    retried = command(pipeline, empty, "dead-letters", "retry", "--reason", "unknown_tenant", "--json")
    assert retried.json == {"sent_again": len(letters)}
    assert command(pipeline, empty, "ingest", "replay", "--from", "beginning").code == 0
    with empty.admin() as connection:
        found = {str(row[0]) for row in connection.execute("select statement_id from xapi.statement_ids")}
    assert found == load.acknowledged


def test_rebuild__the_beginning_of_the_topic_is_gone(pipeline: Pipeline, empty: Database) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=60, batch=3) as load:
        load.wait_acknowledged(60)
    pipeline.wait_drained()
    pipeline.ingest[0].stop()
    (partition, end) = max(pipeline.topics.ends().items(), key=lambda item: item[1])
    pipeline.topics.delete_records({partition: end - 1})
    make_again(school, empty)
    refused = command(pipeline, empty, "ingest", "rebuild")
    assert refused.code == 1
    assert f"partition {partition} begins at {end - 1}" in refused.err
    assert command(pipeline, empty, "ingest", "rebuild", "--partial").code == 0
    with empty.admin() as connection:
        found = {str(row[0]) for row in connection.execute("select statement_id from xapi.statement_ids")}
    assert found < load.acknowledged


def test_replay__adds_what_is_missing_and_changes_nothing_else(pipeline: Pipeline) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=200) as load:
        load.wait_acknowledged(200)
    pipeline.wait_drained()
    before = contents(pipeline.database)
    done = command(pipeline, pipeline.database, "ingest", "replay", "--from", "beginning", "--json").json
    assert (done["fresh"], done["dead_letters"]) == (0, 0)
    assert contents(pipeline.database) == before
    with pipeline.database.admin() as connection:
        for table in ("statement_ids", "statements", "statement_relations", "statement_references"):
            connection.execute(f"delete from xapi.{table}")
    again = command(pipeline, pipeline.database, "ingest", "replay", "--from", "0", "--json").json
    assert again["fresh"] == len(load.acknowledged)
    assert contents(pipeline.database) == before


def test_status__says_what_waits(pipeline: Pipeline) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=20, batch=2) as load:
        load.wait_acknowledged(20)
    pipeline.wait_drained()
    found = command(pipeline, pipeline.database, "ingest", "status", "--json").json
    assert found["broker"] == "ok"
    assert all(partition["records"] == 0 for partition in found["partitions"])
    assert found["consumers"][0]["state"] == "running"
    pipeline.ingest[0].stop()
    with Load(school, addresses_of(pipeline.lrs), most=20, batch=2, seed=2) as more:
        more.wait_acknowledged(20)
    behind = command(pipeline, pipeline.database, "ingest", "status", "--json").json
    assert sum(partition["records"] for partition in behind["partitions"]) == pipeline.lag() > 0
    assert behind["consumers"][0]["state"] == "ended"


def test_adopt_topic__begins_with_the_new_one(pipeline: Pipeline) -> None:
    school = pipeline.school()
    pipeline.start()
    with Load(school, addresses_of(pipeline.lrs), most=20) as load:
        load.wait_acknowledged(20)
    pipeline.wait_drained()
    while pipeline.lrs:
        pipeline.lrs.pop().stop()
    pipeline.ingest.pop().stop()
    pipeline.topics.delete()
    pipeline.topics.create()
    ingest, lrs = pipeline.start_ingest(), pipeline.start_lrs()
    assert ingest.wait_end() == 3
    assert "is another topic" in ingest.said
    done = command(pipeline, pipeline.database, "ingest", "adopt-topic", "--json")
    assert next(one["topic"] for one in done.json) == pipeline.topics.statements
    ingest.restart()
    ingest.wait_ready()
    lrs.wait_ready()
    with Load(school, addresses_of([lrs]), most=20, seed=2) as more:
        more.wait_acknowledged(20)
    pipeline.wait_drained()
    with pipeline.database.admin() as connection:
        found = {str(row[0]) for row in connection.execute("select statement_id from xapi.statement_ids")}
    assert found == load.acknowledged | more.acknowledged
