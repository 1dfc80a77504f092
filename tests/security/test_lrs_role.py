"""The LRS's own login: it sees and writes what belongs to the tenant of its transaction, and nothing without one."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg import Connection, Error, errors, sql

from core.tenants import Tenant
from tests.harness.database import Database
from tests.harness.planting import NOW, Planted
from tests.harness.probing import everything, relations

pytestmark = pytest.mark.both_databases

INSERT = "insert into request.statements values (%s, %s, %s, %s, %s, %s, null, null, null, 1, '{}')"


@pytest.fixture
def lrs(database: Database, planted: Planted) -> Iterator[Connection]:
    with database.service("lrs") as connection:
        yield connection


def choose(lrs: Connection, tenant: Tenant) -> None:
    lrs.execute("select set_config('lyceum.tenant', %s, true)", [str(tenant.tenant_id)])


def test_lrs__without_a_tenant_there_are_no_rows(lrs: Connection) -> None:
    assert lrs.execute("select count(*) from request.statements").fetchone() == (0,)
    assert lrs.execute("select count(*) from xapi.statement_ids").fetchone() == (0,)
    assert lrs.execute("select count(*) from control.tenants").fetchone() == (0,)
    assert lrs.execute("select count(*) from lms.users").fetchone() == (0,)


def test_lrs__the_tenant_ends_with_the_transaction(lrs: Connection, planted: Planted) -> None:
    choose(lrs, planted.ours)
    assert lrs.execute("select count(*) from request.statements").fetchone() == (3,)
    lrs.commit()
    assert lrs.execute("select count(*) from request.statements").fetchone() == (0,)


def test_lrs__sees_no_other_tenant_in_any_relation(database: Database, planted: Planted) -> None:
    found = 0
    with database.service("lrs", autocommit=True) as lrs:
        for schema, name in relations(database):
            with lrs.transaction():
                choose(lrs, planted.ours)
                seen = everything(lrs, sql.SQL("select * from {}").format(sql.Identifier(schema, name)))
            found += planted.our_mark in seen
            assert planted.their_mark not in seen, (schema, name)
    assert found > 0


def test_lrs__writes_for_its_tenant_only(lrs: Connection, planted: Planted) -> None:
    choose(lrs, planted.ours)
    keys = [uuid4(), uuid4()]
    lrs.execute(INSERT, [planted.ours.tenant_id, NOW, uuid4(), NOW, *keys])
    assert lrs.execute("select count(*) from request.statements").fetchone() == (4,)
    lrs.commit()
    choose(lrs, planted.ours)
    with pytest.raises(errors.WithCheckOptionViolation):
        lrs.execute(INSERT, [planted.theirs.tenant_id, NOW, uuid4(), NOW, *keys])


@pytest.mark.parametrize(
    "command",
    [
        "select * from xapi.statements",
        "select * from xapi.statement_relations",
        "insert into xapi.statements select * from request.statements",
        "select * from control.credentials",
        "select * from ingest.ledger",
        "select * from ingest.outbox",
        "delete from lms.users",
        "update lms.learner_aliases set user_id = null",
        "delete from request.statements",
        "update request.statements set batch_id = 1",
        "select ingest.number_batches()",
        "set role lyceum_ingest",
    ],
)
def test_lrs__has_no_more_than_it_needs(lrs: Connection, planted: Planted, command: str) -> None:
    choose(lrs, planted.ours)
    with pytest.raises(Error) as refused:
        lrs.execute(command)
    assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize("moment", ["2009-12-31", "0001-01-01", "3000-01-01", "infinity", "-infinity"])
def test_lrs__makes_partitions_for_months_that_can_have_statements_only(lrs: Connection, moment: str) -> None:
    with pytest.raises(errors.InvalidParameterValue):
        lrs.execute("select xapi.ensure_past_partition(%s::timestamptz)", [moment])
