"""A refresh that is killed, one beside another, and what readers see meanwhile."""

import threading
from typing import Any

import pytest
from psycopg import errors

from core.settings import Settings
from core.tenants import Tenant
from orchestration.dbt import Dbt
from orchestration.refresh import MartsBusyError, refresh, turn
from tests.harness.marts import Marts, differences, kill_refresh
from tests.harness.rows_read import OF_OTHERS, rows_read
from tests.harness.terms import Term, deliver

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(900)]


def test_refresh__killed_midway(marts: Marts, server: Settings, term: Term, tenants: dict[str, Tenant]) -> None:
    middle = len(term.parcels) // 2
    deliver(marts.database, tenants, term.parcels[:middle])
    marts.refresh(as_of=term.as_of)
    deliver(marts.database, tenants, term.parcels[middle:])
    before = position(marts)
    kill_refresh(server, marts)
    assert position(marts) == before
    assert marts.rows("select count(*) as n from marts.mart_course_completion")[0]["n"] > 0
    marts.refresh(as_of=term.as_of)
    kept = marts.contents()
    marts.refresh(full=True, as_of=term.as_of)
    assert differences(kept, marts.contents()) == {}


def test_refresh__never_two_at_once(marts: Marts) -> None:
    with turn(marts.settings), pytest.raises(MartsBusyError, match="being refreshed already"):
        marts.refresh()


def test_readers__see_their_own_rows_through_every_swap(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    deliver(marts.database, tenants, term.parcels)
    marts.refresh(as_of=term.as_of)
    stop = threading.Event()
    seen: dict[str, set[Any]] = {slug: set() for slug in tenants}
    readers = [
        threading.Thread(target=_read, args=(marts, tenant, stop, seen[slug])) for slug, tenant in tenants.items()
    ]
    for reader in readers:
        reader.start()
    marts.refresh(full=True, as_of=term.as_of)
    stop.set()
    for reader in readers:
        reader.join()
    assert seen == {slug: {(tenant.tenant_id, True)} for slug, tenant in tenants.items()}


def test_readers__no_mart_shows_anything_of_another_tenant(
    marts: Marts, term: Term, tenants: dict[str, Tenant]
) -> None:
    deliver(marts.database, tenants, term.parcels)
    marts.refresh(as_of=term.as_of)
    for tenant in tenants.values():
        with marts.database.reader(tenant) as connection:
            tables = connection.execute(
                "select class.oid::regclass::text from pg_class as class "
                "inner join pg_attribute on attrelid = class.oid "
                "where relnamespace = 'marts'::regnamespace and relkind = 'r' and attname = 'tenant_id'"
            ).fetchall()
            assert len(tables) > 10
            for (table,) in tables:
                found = connection.execute(f"select distinct tenant_id from {table}").fetchall()
                assert {row[0] for row in found} <= {tenant.tenant_id, None}, table


def test_readers__nothing_but_the_marts(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    deliver(marts.database, tenants, term.parcels)
    marts.refresh(as_of=term.as_of)
    for table in ("intermediate.int_statements", "intermediate.touched_learners", "staging.stg_xapi__statements"):
        with marts.database.reader(tenants["club"]) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"select * from {table}")


def test_refresh__what_is_defined_otherwise_is_made_anew(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    """With all that is made from it, and nothing else."""
    deliver(marts.database, tenants, term.events)
    marts.refresh(as_of=term.as_of)
    with marts.connection() as connection:
        connection.execute("update intermediate.built set checksum = '' where node_id like '%int_lessons_done'")
    rebuilt = set(marts.refresh(as_of=term.as_of).rebuilt)
    assert {"int_lessons_done", "fct_lesson_completion", "mart_course_funnel"} <= rebuilt
    assert not {"int_statements", "fct_statements", "verb_kinds", "int_course_waivers"} & rebuilt
    assert marts.refresh(as_of=term.as_of).rebuilt == ()


def test_refresh__another_process_makes_nothing_anew(marts: Marts) -> None:
    """It reads dbt's project for itself, and has not yet run anything of it."""
    marts.refresh(full=True)
    assert refresh(marts.settings, dbt=Dbt(marts.settings)).rebuilt == ()


OTHERS, MOST_READ = 40_000, 10_000
CHANGED = """
update lms.users set full_name = full_name || '!', batch_id = %s
where (tenant_id, user_id) = (select tenant_id, user_id from lms.users where role = 'student' order by 1, 2 limit 1)
"""


def test_refresh__a_changed_learner_is_not_looked_for_among_all(
    marts: Marts, term: Term, tenants: dict[str, Tenant]
) -> None:
    tenant_ids = [tenant.tenant_id for tenant in tenants.values()]
    deliver(marts.database, tenants, term.parcels)
    with marts.database.admin(autocommit=True) as connection:
        connection.execute("select xapi.ensure_partitions((now() - interval '60 days')::date, now()::date)")
        connection.execute(OF_OTHERS, [tenant_ids[0], OTHERS])
        connection.execute("vacuum analyze xapi.statements")
        marts.refresh()
        row = connection.execute("select ingest.open_batch('events', %s)", [tenant_ids]).fetchone()
        assert row is not None
        assert connection.execute(CHANGED, row).rowcount == 1
        before = rows_read(connection)
        marts.refresh()
        after = rows_read(connection)
    assert sum(after.values()) - sum(before.values()) < MOST_READ, (before, after)


def _read(marts: Marts, tenant: Tenant, stop: threading.Event, seen: set[Any]) -> None:
    with marts.database.reader(tenant, autocommit=True) as connection:
        while not stop.is_set():
            for table in ("fct_statements", "mart_course_completion", "fct_statement_learners"):
                row = connection.execute(f"select min(tenant_id), max(tenant_id) = min(tenant_id) from marts.{table}")
                seen.add(row.fetchone())


def position(marts: Marts) -> int:
    return int(marts.rows("select through_number from intermediate.position")[0]["through_number"])
