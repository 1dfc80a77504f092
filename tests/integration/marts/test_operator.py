"""The operator sees how the pipeline is, and of no learner anything."""

from datetime import date, datetime
from pathlib import Path

import pytest
from psycopg import errors

from simulator.parameters import Parameters
from tests.harness.marts import Marts
from tests.harness.terms import deliver, make_tenants, make_term

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(300)]

PARAMETERS = Parameters(learners=3, start=date(2025, 9, 1))
OPERATIONS = (
    "marts.ops_dead_letters",
    "marts.ops_models",
    "marts.ops_pipeline_health",
    "marts.ops_refreshes",
    "marts.ops_statement_rate",
    "marts.ops_unmapped",
    "marts.ops_weeks",
)
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


def test_operator__sees_what_came(filled: Marts) -> None:
    last = filled.rows("select max(stored) as stored from xapi.statements")[0]["stored"]
    filled.refresh(as_of=last)
    with filled.database.service("operator") as connection:
        by_minutes = connection.execute("select sum(statements) from marts.ops_statement_rate").fetchone()
        by_week = connection.execute("select statements from marts.ops_weeks order by day desc limit 1").fetchone()
    assert by_minutes == (came_within(filled, last, "48 hours"),)
    assert by_week == (came_within(filled, last, "7 days -10 minutes"),)


def test_operator__sees_what_each_mart_takes(filled: Marts) -> None:
    with filled.database.service("operator") as connection:
        models = connection.execute("select model, runs, failures, age_seconds from marts.ops_models").fetchall()
    assert {"fct_statements", "mart_tenant_overview", "int_statements"} <= {row[0] for row in models}
    assert all(runs >= 1 and failures == 0 and age > 0 for _, runs, failures, age in models)


def test_operator__sees_how_old_the_marts_had_become(filled: Marts) -> None:
    filled.refresh()
    with filled.database.service("operator") as connection:
        ages = connection.execute("select oldest_seconds, seconds from marts.ops_refreshes order by finished_at")
        *_, (_, first), (oldest, second) = ages.fetchall()
    assert first > 0
    assert oldest > second > 0


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


def came_within(marts: Marts, last: datetime, span: str) -> int:
    """To ten minutes."""
    rows = marts.rows(
        "select count(*) from xapi.statements "
        "where date_bin('10 minutes', stored, '2000-01-01') > %s::timestamptz - %s::interval - interval '10 minutes'",
        last, span,
    )  # fmt: skip
    assert rows[0]["count"] > 0
    return int(rows[0]["count"])
