"""Every login at every relation of every schema: allowed by the law, or refused; and what a tenant's logins see there,
marts included, is that tenant's."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from psycopg import Connection, connect, sql

from core.analysts import NewAnalyst, create_analyst
from core.database.address import login_conninfo
from core.settings import Settings
from core.tenants import Tenant
from tests.harness.database import Database
from tests.harness.filling import fill
from tests.harness.marts import with_marts
from tests.harness.planting import Planted, plant
from tests.harness.probing import everything, relations
from tests.security.sql_matrix import LAW, Login, attempts, may, reader_login, service_logins

OWN_ROWS = "select tenant_id, count(*) from {} group by 1"


class Filled(NamedTuple):
    database: Database
    planted: Planted
    # With a row of each tenant.
    tables: list[tuple[str, str]]
    # Those that are a tenant's own.
    logins: dict[str, Login]


@pytest.fixture(scope="module")
def filled(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Filled]:
    """The marts too, each with rows of two tenants."""
    with with_marts(server, edition, server_folder, worker_id) as database:
        ours, our_mark = plant(database, "ours")
        theirs, their_mark = plant(database, "theirs")
        with database.admin(autocommit=True) as connection:
            for tenant, mark in ((ours, our_mark), (theirs, their_mark)):
                tables = fill(connection, tenant.tenant_id, mark)
            connection.execute("analyze")
        logins = {"reader": reader_login(database, ours), "analyst": analyst_login(database, ours)}
        yield Filled(database, Planted(ours, our_mark, theirs, their_mark), tables, logins)


def analyst_login(database: Database, tenant: Tenant) -> Login:
    with database.admin() as connection:
        issued = create_analyst(connection, tenant.slug, NewAnalyst("Ada"))
    login = login_conninfo(database.settings, issued.analyst.role_name, issued.password)
    return lambda: connect(login, autocommit=True)


@pytest.mark.both_databases
def test_law__of_each_login_at_each_relation(database: Database, planted: Planted, proof: Callable[..., None]) -> None:
    keep_law(database, service_logins(database) | {"reader": reader_login(database, planted.ours)}, proof)


def test_law__of_the_marts_and_all_that_leads_to_them(filled: Filled, proof: Callable[..., None]) -> None:
    keep_law(filled.database, service_logins(filled.database) | filled.logins, proof)


def keep_law(database: Database, logins: Mapping[str, Login], proof: Callable[..., None]) -> None:
    found = attempts(database, logins)
    assert [attempt for attempt in found if not attempt.is_lawful] == []
    allowed = sum(attempt.is_allowed for attempt in found)
    assert {attempt.role for attempt in found if attempt.is_allowed} >= logins.keys() - {
        "operator",
        "superset",
        "dagster",
    }
    assert allowed > 200
    assert len(found) > 3_000
    proof(attempts=len(found), allowed=allowed, refused=len(found) - allowed)


def test_tables__each_has_rows_of_both(filled: Filled) -> None:
    """Else what follows would look for what is not there."""
    both = {filled.planted.ours.tenant_id, filled.planted.theirs.tenant_id}
    with filled.database.admin() as connection:
        for place in filled.tables:
            seen = connection.execute(sql.SQL(OWN_ROWS).format(sql.Identifier(*place))).fetchall()
            assert both <= {tenant_id for tenant_id, _ in seen}, place
    assert sum(schema == "marts" for schema, _ in filled.tables) > 30


@pytest.mark.parametrize("role", ["reader", "analyst"])
def test_rows__a_tenants_login_counts_its_own_only(filled: Filled, role: str) -> None:
    """No more, no fewer: also where only a count comes out."""
    counted = 0
    with filled.logins[role]() as connection, filled.database.admin() as admin:
        for place in filled.tables:
            if "S" not in may(role, ".".join(place)):
                continue
            asked = sql.SQL("select count(*), count(*) filter (where tenant_id <> %s) from {}")
            seen = connection.execute(asked.format(sql.Identifier(*place)), [filled.planted.ours.tenant_id]).fetchone()
            assert seen == (own(admin, place, filled.planted.ours), 0), place
            counted += 1
    assert counted > 45


def own(admin: Connection, place: tuple[str, str], tenant: Tenant) -> int:
    """What belongs to nobody, everybody may know of: a refresh of all tenants."""
    asked = sql.SQL("select count(*) from {} where coalesce(tenant_id, %s) = %s").format(sql.Identifier(*place))
    row = admin.execute(asked, [tenant.tenant_id] * 2).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("role", ["reader", "analyst"])
def test_rows__nowhere_a_mark_of_the_other(filled: Filled, role: str) -> None:
    """In every relation, statistics and catalogues among them; in rows, and in what errors say."""
    seen = 0
    with filled.logins[role]() as connection:
        for place in relations(filled.database):
            shown = everything(connection, sql.SQL("select * from {}").format(sql.Identifier(*place)))
            seen += filled.planted.our_mark in shown
            assert filled.planted.their_mark not in shown, place
    assert seen > 45


def test_rows__the_operator_and_others_who_serve_no_tenant_see_nobodys(filled: Filled) -> None:
    """By name: what the operator counts is of all."""
    logins = service_logins(filled.database)
    for role in ("operator", "superset", "dagster"):
        with logins[role]() as connection:
            for place in relations(filled.database):
                shown = everything(connection, sql.SQL("select * from {}").format(sql.Identifier(*place)))
                if place[1].startswith("ops_"):
                    continue
                assert "mark-of-" not in shown, (role, place)


def test_law__names_every_role_that_logs_in(database: Database) -> None:
    with database.admin() as connection:
        roles = connection.execute(
            "select rolname from pg_roles where rolcanlogin and rolname ~ '^lyceum_' and not rolsuper"
        ).fetchall()
    assert {f"lyceum_{role}" for role in LAW} - {"lyceum_reader", "lyceum_analyst"} == {role for (role,) in roles}
