"""What must hold of every table with a tenant_id, read from the catalog, so that a new table cannot be forgotten."""

from typing import Any

import pytest

from tests.harness.database import Database
from tests.harness.planting import Planted

pytestmark = pytest.mark.both_databases

ROLES = ("lyceum_lrs", "lyceum_ingest", "lyceum_transform", "lyceum_operator", "lyceum_superset", "lyceum_reader")
MAY_TOUCH_HYPERTABLES = {"lyceum_ingest", "lyceum_transform"}

# Keys that cannot begin with the tenant, and why.
NOT_TENANT_FIRST = {
    "tenants_slug_key": "a slug is unique in the installation: it names the tenant",
    "tenants_tenant_uuid_key": "a uuid is unique in the installation: it names the tenant",
    "reader_roles_role_name_key": "a login is one tenant's in the whole server",
    "analysts_role_name_key": "a login is one person's in the whole server",
    "credentials_key_id_key": "the door knows the key before it knows the tenant",
    "audit_pkey": "acts on the platform itself have no tenant",
    "outbox_pkey": "the outbox leaves in its own order, across tenants",
    "dead_letters_pkey": "what cannot be read may not name its tenant",
    "dead_letters_once": "a position in a topic, known when the tenant is not",
    "refresh_is_only_row_key": "a refresh is mostly for all tenants at once",
    "refreshes_pkey": "a refresh is mostly for all tenants at once",
    "people_user_name_key": "a name to sign in by is one person's in the installation, and says the tenant",
}

TENANT_TABLES = """
select
    class.oid, class.oid::regclass::text as name, class.relrowsecurity, class.relforcerowsecurity,
    namespace.nspname = '_timescaledb_internal' or (namespace.nspname, class.relname) in ({hypertables})
from pg_class as class
inner join pg_namespace as namespace on class.relnamespace = namespace.oid
inner join pg_attribute as attribute on class.oid = attribute.attrelid
where class.relkind in ('r', 'p', 'f', 'm') and attribute.attname = 'tenant_id' and not attribute.attisdropped
    and namespace.nspname not in ('pg_catalog', 'information_schema')
"""
HYPERTABLES = {
    "timescaledb": "select hypertable_schema, hypertable_name from timescaledb_information.hypertables",
    "postgresql": "select '', ''",
}


@pytest.fixture(scope="module")
def tables(database: Database, planted: Planted) -> list[Any]:
    with database.admin() as connection:
        return connection.execute(TENANT_TABLES.format(hypertables=HYPERTABLES[database.edition])).fetchall()


def test_tenant_tables__row_level_security_is_enabled_and_forced(tables: list[Any]) -> None:
    open_tables = [
        name for _, name, enabled, forced, is_hypertable in tables if not is_hypertable and not (enabled and forced)
    ]
    assert open_tables == []
    assert len(tables) > 20


def test_tenant_tables__every_role_that_can_reach_one_has_a_policy(database: Database, tables: list[Any]) -> None:
    with database.admin() as connection:
        missing = [
            (name, role)
            for oid, name, _, _, is_hypertable in tables
            if not is_hypertable
            for role in ROLES
            if connection.execute(
                "select has_any_column_privilege(%s, %s::oid, 'select, insert, update')", [role, oid]
            ).fetchone()
            == (True,)
            and connection.execute(
                "select exists (select from pg_policy where polrelid = %s and %s::regrole::oid = any(polroles))",
                [oid, role],
            ).fetchone()
            != (True,)
        ]
    assert missing == []


def test_policies__none_is_for_everybody(database: Database) -> None:
    with database.admin() as connection:
        assert connection.execute("select count(*) from pg_policy where 0::oid = any(polroles)").fetchone() == (0,)


def test_hypertables__nobody_else_holds_a_grant(database: Database, tables: list[Any]) -> None:
    hypertables = [(oid, name) for oid, name, _, _, is_hypertable in tables if is_hypertable]
    assert bool(hypertables) == (database.edition == "timescaledb")
    others = sorted(set(ROLES) - MAY_TOUCH_HYPERTABLES)
    with database.admin() as connection:
        grants = connection.execute(
            "select relation::regclass::text, role "
            "from unnest(%s::oid[]) as relation cross join unnest(%s::text[]) as role "
            "where has_any_column_privilege(role, relation, 'select, insert, update, references') "
            "or has_table_privilege(role, relation, 'delete, truncate, trigger')",
            [[oid for oid, _ in hypertables], others],
        ).fetchall()
    assert grants == []


def test_tenant_tables__every_index_begins_with_the_tenant(database: Database, tables: list[Any]) -> None:
    with database.admin() as connection:
        others = connection.execute(
            "select pg_index.indexrelid::regclass::text from pg_index "
            "inner join pg_attribute on attrelid = indrelid and attnum = indkey[0] "
            "where indrelid = any(%s::oid[]) and attname <> 'tenant_id'",
            [[row[0] for row in tables]],
        ).fetchall()
        expressions = connection.execute(
            "select indexrelid::regclass::text from pg_index where indrelid = any(%s::oid[]) and indkey[0] = 0",
            [[row[0] for row in tables]],
        ).fetchall()
    names = {row[0].rpartition(".")[2] for row in [*others, *expressions]}
    assert names - set(NOT_TENANT_FIRST) == set()
    assert set(NOT_TENANT_FIRST) - names == set(), "these exceptions are not needed any more"


def test_tenant_views__are_barriers(database: Database) -> None:
    with database.admin() as connection:
        rows = connection.execute(
            "select oid::regclass::text from pg_class where relkind = 'v' and relnamespace = 'tenant'::regnamespace "
            "and not coalesce(reloptions @> array['security_barrier=true'], false)"
        ).fetchall()
        views = connection.execute(
            "select count(*) from pg_class where relkind = 'v' and relnamespace = 'tenant'::regnamespace"
        ).fetchone()
    assert rows == []
    assert views is not None
    assert views[0] > 0


def test_service_roles__have_no_power_over_the_server(database: Database) -> None:
    with database.admin() as connection:
        powerful = connection.execute(
            "select rolname from pg_roles where rolname ~ '^(lyceum|reader)_' and rolname <> 'lyceum_admin' "
            "and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)"
        ).fetchall()
        members = connection.execute(
            "select member::regrole::text, roleid::regrole::text from pg_auth_members "
            "where member::regrole::text ~ '^(lyceum|reader)_' and member <> 'lyceum_admin'::regrole "
            "and roleid <> 'lyceum_reader'::regrole and (member <> 'lyceum_owner'::regrole or set_option)"
        ).fetchall()
    assert powerful == []
    assert members == []


def test_functions__none_of_ours_is_open_to_everybody(database: Database) -> None:
    with database.admin() as connection:
        open_functions = connection.execute(
            "select oid::regprocedure::text from pg_proc "
            "where pronamespace::regnamespace::text in ('control', 'lms', 'xapi', 'ingest', 'tenant', 'request') "
            "and has_function_privilege('public', oid, 'execute')"
        ).fetchall()
    assert open_functions == []


def test_definer_functions__fix_their_search_path(database: Database) -> None:
    with database.admin() as connection:
        loose = connection.execute(
            "select oid::regprocedure::text from pg_proc where prosecdef "
            "and pronamespace::regnamespace::text in ('control', 'lms', 'xapi', 'ingest', 'tenant', 'request') "
            "and not coalesce(array_to_string(proconfig, ' ') ~ 'search_path=\"\"', false)"
        ).fetchall()
    assert loose == []
