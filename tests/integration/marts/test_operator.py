"""The operator sees how the pipeline is, and of no learner anything."""

from datetime import date
from pathlib import Path

import pytest
from psycopg import errors

from simulator.parameters import Parameters
from tests.harness.marts import Marts
from tests.harness.terms import deliver, make_tenants, make_term

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(300)]

PARAMETERS = Parameters(learners=3, start=date(2025, 9, 1))
OPERATIONS = ("marts.ops_pipeline_health", "marts.ops_unmapped")
FORBIDDEN = (
    "marts.fct_sessions",
    "marts.mart_tenant_overview",
    "intermediate.int_statements",
    "staging.stg_lms__users",
)


@pytest.fixture
def filled(marts: Marts, tmp_path: Path) -> Marts:
    term = make_term(PARAMETERS, tmp_path / "term")
    deliver(marts.database, make_tenants(marts.database, PARAMETERS), term.parcels)
    marts.refresh(as_of=term.as_of)
    return marts


def test_operator__sees_what_waits(filled: Marts) -> None:
    assert health(filled)["batches_waiting"] == 0
    with filled.database.service("ingest") as connection:
        connection.execute("select ingest.open_batch('statements', '{}')")
    after = health(filled)
    assert after["batches_waiting"] == 1
    assert after["lag"] > 0
    assert after["freshness"] > 0


def test_operator__sees_dead_letters_by_reason(filled: Marts) -> None:
    with filled.database.admin() as connection:
        connection.execute(
            "insert into ingest.dead_letters (reason, topic, topic_partition, record_offset, payload) "
            "values ('unreadable', 'some', 0, 0, ''), ('unreadable', 'some', 0, 1, '')"
        )
    assert health(filled)["dead_letters"] == 2


def test_operator__sees_no_learner(filled: Marts) -> None:
    with filled.database.service("operator", autocommit=True) as connection:
        for table in FORBIDDEN:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}")


def test_operations__are_no_readers(filled: Marts) -> None:
    tenant = filled.database.tenant("neighbour")
    with filled.database.reader(tenant, autocommit=True) as connection:
        for table in OPERATIONS:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}")


def health(marts: Marts) -> dict[str, float]:
    with marts.database.service("operator") as connection:
        connection.execute("select * from marts.ops_unmapped").fetchall()
        rows = connection.execute("select measure, value from marts.ops_pipeline_health").fetchall()
    return dict(rows)
