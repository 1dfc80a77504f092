"""A reader of one tenant tries every path to another's rows. Each of the other's texts carries a mark to look for."""

from collections.abc import Iterator

import pytest
from psycopg import Connection, Error, sql

from core.tenants import Tenant
from tests.harness.database import Database
from tests.harness.planting import plant

pytestmark = pytest.mark.both_databases


@pytest.fixture
def tenants(database: Database) -> tuple[Tenant, str, Tenant, str]:
    ours, our_mark = plant(database, "ours")
    theirs, their_mark = plant(database, "theirs")
    with database.admin(autocommit=True) as connection:
        connection.execute("analyze")
    return ours, our_mark, theirs, their_mark


@pytest.fixture
def reader(database: Database, tenants: tuple[Tenant, str, Tenant, str]) -> Iterator[Connection]:
    with database.reader(tenants[0], autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        yield connection


@pytest.fixture
def their_mark(tenants: tuple[Tenant, str, Tenant, str]) -> str:
    return tenants[3]


def everything(connection: Connection, query: sql.Composable) -> str:
    """What comes out, be it rows or an error."""
    try:
        cursor = connection.execute(query)
        return repr(cursor.fetchall()) if cursor.description else ""
    except Error as error:
        return repr((str(error), error.diag.message_detail, error.diag.context))


def relations(database: Database) -> list[tuple[str, str]]:
    with database.admin() as connection:
        return connection.execute(
            "select nspname, relname from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid "
            "where relkind in ('r', 'p', 'v', 'm', 'f', 'S', 't')"
        ).fetchall()


def test_reader__sees_its_own_statements_only(reader: Connection, tenants: tuple[Tenant, str, Tenant, str]) -> None:
    ours, our_mark, _, their_mark = tenants
    seen = everything(reader, sql.SQL("select * from tenant.statements"))
    assert our_mark in seen
    assert their_mark not in seen
    assert reader.execute("select count(*), min(tenant_id), max(tenant_id) from tenant.statements").fetchone() == (
        3, ours.tenant_id, ours.tenant_id,
    )  # fmt: skip


def test_reader__no_relation_shows_the_others_rows(
    database: Database, reader: Connection, tenants: tuple[Tenant, str, Tenant, str]
) -> None:
    _, our_mark, _, their_mark = tenants
    names = relations(database)
    leaks, own = [], 0
    for schema, name in names:
        relation = sql.Identifier(schema, name)
        for query in ("select * from {}", "select * from only {}", "table {}", "select x::text from {} as x"):
            seen = everything(reader, sql.SQL(query).format(relation))
            own += our_mark in seen
            if their_mark in seen:
                leaks.append((schema, name, query))
    assert leaks == []
    assert own > 20, "the scan must be able to find a mark"
    assert len(names) > 100


def test_reader__copy_shows_no_relation_of_the_others(database: Database, reader: Connection, their_mark: str) -> None:
    for schema, name in relations(database):
        try:
            with reader.cursor().copy(
                sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, name))
            ) as copy:
                seen = b"".join(bytes(block) for block in copy)
        except Error as error:
            seen = str(error).encode()
        assert their_mark.encode() not in seen, (schema, name)


def test_reader__cannot_become_another_role(database: Database, reader: Connection, their_mark: str) -> None:
    with database.admin() as connection:
        roles = [row[0] for row in connection.execute("select rolname from pg_roles")]
    for role in roles:
        for command in ("set role {}", "set session authorization {}", "set local role {}"):
            everything(reader, sql.SQL(command).format(sql.Identifier(role)))
            seen = everything(reader, sql.SQL("select * from lms.users, tenant.statements"))
            assert their_mark not in seen, (command, role)
    assert reader.execute("select count(distinct tenant_id) from tenant.statements").fetchone() == (1,)


def test_reader__settings_do_not_change_whose_rows_it_sees(
    reader: Connection, tenants: tuple[Tenant, str, Tenant, str]
) -> None:
    ours, _, theirs, _ = tenants
    reader.execute("select set_config('lyceum.tenant', %s, false)", [str(theirs.tenant_id)])
    reader.execute("set row_security = off")
    assert reader.execute("select distinct tenant_id from tenant.statements").fetchall() == [(ours.tenant_id,)]
    assert their_mark_in_users(reader, tenants[3]) is False


def their_mark_in_users(reader: Connection, mark: str) -> bool:
    return mark in everything(reader, sql.SQL("select * from lms.users"))


LEAK = """
create function pg_temp.leak(value text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice 'leaked %', value;
    return true;
end
$$
"""


@pytest.mark.parametrize("relation", ["tenant.statements", "lms.users", "lms.courses", "control.tenants"])
def test_reader__a_cheap_function_is_not_asked_about_the_others_rows(
    database: Database, tenants: tuple[Tenant, str, Tenant, str], relation: str
) -> None:
    ours, our_mark, _, their_mark = tenants
    column = {"tenant.statements": "statement::text", "control.tenants": "name"}.get(
        relation, "batch_id::text || tenant_id"
    )
    notices: list[str] = []
    with database.admin(autocommit=True) as admin:
        # A reader cannot even make the function; given that, it must still learn nothing.
        admin.execute(sql.SQL("grant temporary on database {} to {}").format(
            sql.Identifier(admin.info.dbname), sql.Identifier(ours.reader)))  # fmt: skip
    with database.reader(ours, autocommit=True) as reader:
        reader.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        reader.execute("set default_transaction_read_only = off")
        reader.execute(LEAK)
        reader.execute(f"select count(*) from {relation} where pg_temp.leak({column})")
    assert notices, "the function must have been called for our own rows"
    assert their_mark not in " ".join(notices)
    assert len(notices) == (3 if relation == "tenant.statements" else 1)


def test_reader__makes_no_objects(reader: Connection) -> None:
    for command in (
        "create temporary table t (x int)",
        "create table public.t (x int)",
        "create table tenant.t (x int)",
        "create schema mine",
        "create function pg_temp.f() returns int language sql return 1",
        "create extension dblink",
        "create foreign data wrapper w",
        "create server s foreign data wrapper w",
        "select lo_creat(-1)",
        "create role friend",
        "create view tenant.v as select 1",
        "create language plperlu",
        "create publication p for all tables",
    ):
        with pytest.raises(Error):
            reader.execute(command)


def test_reader__reads_no_files_and_runs_no_programs(reader: Connection) -> None:
    for command in (
        "select pg_read_file('postgresql.conf')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select pg_ls_waldir()",
        "select lo_import('/etc/passwd')",
        "copy lms.users to '/tmp/users'",
        "copy (select 1) to program 'cat'",
        "select pg_stat_file('PG_VERSION')",
        "load 'plpgsql'",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and pid <> 0",
    ):
        with pytest.raises(Error):
            reader.execute(command)


@pytest.mark.parametrize(
    "command",
    [
        "insert into lms.users (tenant_id, user_id, role, batch_id) values ({theirs}, 'x', 'student', 1)",
        "update lms.users set full_name = 'x'",
        "delete from lms.users",
        "truncate lms.users",
        "insert into tenant.statements select * from tenant.statements",
        "delete from tenant.statements",
        "update control.tenants set name = 'x'",
        "select ingest.number_batches()",
        "select control.find_credential('key')",
        "select xapi.ensure_partitions(current_date, current_date)",
        "call control.isolate_tenants('lms.users')",
        "alter table lms.users disable row level security",
        "drop policy of_current_tenant on lms.users",
    ],
)
def test_reader__changes_nothing(reader: Connection, tenants: tuple[Tenant, str, Tenant, str], command: str) -> None:
    with pytest.raises(Error) as refused:
        reader.execute(command.format(theirs=tenants[2].tenant_id))
    assert refused.value.sqlstate == "42501"


def test_reader__functions_without_arguments_tell_nothing(
    database: Database, reader: Connection, their_mark: str
) -> None:
    with database.admin() as connection:
        functions = connection.execute(
            "select nspname, proname from pg_proc inner join pg_namespace on pronamespace = pg_namespace.oid "
            "where pronargs - pronargdefaults = 0 and prokind = 'f' and nspname <> 'information_schema' "
            "and proname !~ 'pg_(sleep|reload|rotate|switch|promote|wal_replay|backup|create_restore|log_)|_lock'"
        ).fetchall()
    called = 0
    for schema, name in functions:
        seen = everything(reader, sql.SQL("select {}.{}()").format(sql.Identifier(schema), sql.Identifier(name)))
        called += "permission denied" not in seen
        assert their_mark not in seen, (schema, name)
    assert called > 50


def test_disabled_tenant__its_reader_is_out(database: Database, tenants: tuple[Tenant, str, Tenant, str]) -> None:
    from core.tenants import set_tenant_active

    with database.reader(tenants[0], autocommit=True) as reader:
        with database.admin() as connection:
            set_tenant_active(connection, "ours", is_active=False)
        with pytest.raises(Error):
            reader.execute("select 1")
    with pytest.raises(Error, match="not permitted to log in"):
        database.reader(tenants[0])
