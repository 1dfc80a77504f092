"""Partitions are there ahead of time, and what a tenant wants forgotten goes with all that follows from it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from core.tenants import Tenant, update_tenant, with_retention
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from ingest.maintenance import maintain
from tests.harness.database import Database
from tests.harness.statements import make_envelope, make_statement, make_void

pytestmark = pytest.mark.both_databases

NOW = datetime.now(UTC).replace(microsecond=0)
OF_A_TENANT = ("statements", "statement_ids", "statement_relations", "statement_references")


def store(database: Database, tenant: Tenant, days_ago: float, *statements: dict[str, Any]) -> None:
    with database.service("ingest") as connection:
        prepare_staging(connection)
        row = connection.execute("select ingest.open_batch('import', %s)", [[tenant.tenant_id]]).fetchone()
        assert row is not None
        envelope = make_envelope(tenant.tenant_id, *statements)
        write(connection, "xapi", row[0], [(envelope, NOW - timedelta(days=days_ago))], Vocabulary())


def rows(database: Database, tenant: Tenant) -> dict[str, int]:
    with database.admin() as connection:
        counts = [
            connection.execute(f"select count(*) from xapi.{table} where tenant_id = %s", [tenant.tenant_id]).fetchone()
            for table in OF_A_TENANT
        ]
    return {table: count[0] for table, count in zip(OF_A_TENANT, counts, strict=True) if count}


def with_context(**changes: Any) -> dict[str, Any]:
    parent = {"contextActivities": {"parent": [{"id": "https://lms.example/courses/1"}]}}
    return make_statement(context=parent, **changes)


def keep_for(database: Database, tenant: Tenant, days: int) -> None:
    with database.admin() as connection:
        update_tenant(connection, tenant.slug, {"settings": with_retention(tenant.settings, days)})


def test_maintain__forgets_what_is_old_and_nobody_elses(database: Database) -> None:
    ours, theirs = database.tenant("ours"), database.tenant("theirs")
    old = make_statement()
    for tenant in (ours, theirs):
        store(database, tenant, 400, old, with_context())
        store(database, tenant, 398.5, make_void(old["id"]))
        store(database, tenant, 20, with_context())
    keep_for(database, ours, 100)
    before = rows(database, theirs)
    with database.service("ingest", autocommit=True) as connection:
        done = maintain(connection)
        assert maintain(connection).forgotten == 0
    assert done.forgotten == 3
    assert rows(database, ours) == {
        "statements": 1, "statement_ids": 1, "statement_relations": 1, "statement_references": 0,
    }  # fmt: skip
    assert rows(database, theirs) == before


def test_maintain__drops_what_is_empty_only(database: Database) -> None:
    ours, theirs = database.tenant("ours"), database.tenant("theirs")
    store(database, ours, 700, make_statement())
    store(database, ours, 400, make_statement())
    store(database, theirs, 400, make_statement())
    keep_for(database, ours, 100)
    with database.service("ingest", autocommit=True) as connection:
        done = maintain(connection)
    assert done.forgotten == 2
    assert done.chunks == (1 if database.edition == "timescaledb" else 0)
    assert rows(database, theirs)["statements"] == 1


def test_maintain__nothing_is_forgotten_by_default(database: Database) -> None:
    tenant = database.tenant("ours")
    store(database, tenant, 3000, make_statement())
    with database.service("ingest", autocommit=True) as connection:
        assert maintain(connection).forgotten == 0
    assert rows(database, tenant)["statements"] == 1


def test_maintain__partitions_are_there_ahead(database: Database) -> None:
    if database.edition == "postgresql":
        with database.admin() as connection:
            connection.execute(f"drop table xapi.statements_{NOW:%Y_%m}")
    with database.service("ingest", autocommit=True) as connection:
        made = maintain(connection).partitions
        assert maintain(connection).partitions == 0
    assert made == (1 if database.edition == "postgresql" else 0), "chunks make themselves"


@pytest.mark.parametrize("timestamp", ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"])
def test_write__a_clock_that_is_far_off_makes_no_partition(database: Database, timestamp: str) -> None:
    tenant = database.tenant("ours")
    store(database, tenant, 1, make_statement(timestamp=timestamp), make_statement(timestamp=None))
    with database.admin() as connection:
        moments = connection.execute("select timestamp, stored from xapi.statements").fetchall()
    assert {stored for _, stored in moments} == {NOW - timedelta(days=1)}
    assert msgspec.convert(timestamp, datetime) in {moment for moment, _ in moments}
