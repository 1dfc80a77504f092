"""The barrier above the statements must not cost their indexes and chunks."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg import Connection

from core.settings import Settings
from tests.harness.database import Database, cloned

pytestmark = pytest.mark.both_databases

FILL = """
insert into xapi.statements
select
    1 + mod(n, 3), now() - n * (interval '2 years' / %(count)s), gen_random_uuid(), now(), k, k, k, null, null, 1, '{}'
from generate_series(0, %(count)s - 1) as n cross join gen_random_uuid() as k
"""


@pytest.fixture(scope="module")
def filled(server: Settings, edition: str, server_folder: Path, size: SimpleNamespace) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        with database.admin(autocommit=True) as connection:
            connection.execute("select xapi.ensure_partitions((now() - interval '2 years')::date, now()::date)")
            connection.execute(FILL, {"count": size.plan_statements})
            connection.execute("vacuum analyze xapi.statements")
        yield database


def plan(connection: Connection, query: str) -> dict[str, Any]:
    connection.execute("select set_config('lyceum.tenant', '1', true)")
    row = connection.execute(f"explain (analyze, format json) {query}").fetchone()
    assert row is not None
    return dict(row[0][0])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    # TimescaleDB's own node above the chunks is a "Custom Scan".
    found = [node for node in nodes(plan["Plan"]) if "Scan" in node["Node Type"] and "Relation Name" in node]
    found = [node for node in found if node["Node Type"] != "Custom Scan"]
    return [node for node in found if node["Actual Loops"] > 0]


SPAN = "stored >= now() - interval '40 days' and stored < now() - interval '35 days'"


def test_request_view__newest_reads_one_index_and_stops(filled: Database, proof: Callable[..., None]) -> None:
    with filled.service("lrs") as connection:
        found = plan(connection, "select * from request.statements order by stored desc, statement_id desc limit 50")
    assert all("Index" in node["Node Type"] for node in scans(found)), json.dumps(found, indent=1)
    assert sum(node["Actual Rows"] for node in scans(found)) <= 100
    proof(plan_ms=float(found["Planning Time"]), run_ms=float(found["Execution Time"]))


@pytest.mark.parametrize("view", ["request.statements", "tenant.statements"])
def test_view__a_span_of_time_reaches_the_index_and_leaves_other_chunks_out(filled: Database, view: str) -> None:
    tenant = filled.tenant(f"plans-{view.partition('.')[0]}")
    with filled.service("lrs") if view.startswith("request") else filled.reader(tenant) as connection:
        found = plan(connection, f"select * from {view} where {SPAN} order by stored, statement_id")
    read = [node for node in scans(found) if node["Actual Rows"]]
    assert len(scans(found)) <= 3, json.dumps(found, indent=1)
    assert all("stored" in node.get("Index Cond", node.get("Recheck Cond", "")) for node in read), json.dumps(found)
    assert sum(node["Actual Rows"] for node in read) > 10
