"""A reader of one tenant tries every path to another's rows. Each of the other's texts carries a mark to look for."""

from collections.abc import Iterator

import pytest
from psycopg import Connection, Error, errors, sql

from core.tenants import set_tenant_active
from tests.harness.database import Database
from tests.harness.planting import Planted, plant
from tests.harness.probing import everything, relations

pytestmark = pytest.mark.both_databases


@pytest.fixture
def reader(database: Database, planted: Planted) -> Iterator[Connection]:
    with database.reader(planted.ours, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        yield connection


def test_reader__sees_its_own_statements_only(reader: Connection, planted: Planted) -> None:
    seen = everything(reader, sql.SQL("select * from tenant.statements").format())
    assert planted.our_mark in seen
    assert planted.their_mark not in seen
    assert reader.execute("select count(*), min(tenant_id), max(tenant_id) from tenant.statements").fetchone() == (
        3, planted.ours.tenant_id, planted.ours.tenant_id,
    )  # fmt: skip


def test_reader__no_relation_shows_the_others_rows(database: Database, reader: Connection, planted: Planted) -> None:
    names = relations(database)
    leaks, own = [], 0
    for schema, name in names:
        relation = sql.Identifier(schema, name)
        for query in ("select * from {}", "select * from only {}", "table {}", "select x::text from {} as x"):
            seen = everything(reader, sql.SQL(query).format(relation))
            own += planted.our_mark in seen
            if planted.their_mark in seen:
                leaks.append((schema, name, query))
    assert leaks == []
    assert own > 20, "the scan must be able to find a mark"
    assert len(names) > 100


def test_reader__copy_shows_no_relation_of_the_others(database: Database, reader: Connection, planted: Planted) -> None:
    for schema, name in relations(database):
        try:
            with reader.cursor().copy(
                sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, name))
            ) as copy:
                seen = b"".join(bytes(block) for block in copy)
        except Error as error:
            seen = str(error).encode()
        assert planted.their_mark.encode() not in seen, (schema, name)


def test_reader__cannot_become_another_role(database: Database, reader: Connection, planted: Planted) -> None:
    with database.admin() as connection:
        roles = [row[0] for row in connection.execute("select rolname from pg_roles")]
    for role in roles:
        for command in ("set role {}", "set session authorization {}", "set local role {}"):
            everything(reader, sql.SQL(command).format(sql.Identifier(role)))
            seen = everything(reader, sql.SQL("select * from lms.users, tenant.statements").format())
            assert planted.their_mark not in seen, (command, role)
    assert reader.execute("select count(distinct tenant_id) from tenant.statements").fetchone() == (1,)


def test_reader__settings_do_not_change_whose_rows_it_sees(reader: Connection, planted: Planted) -> None:
    reader.execute("select set_config('lyceum.tenant', %s, false)", [str(planted.theirs.tenant_id)])
    assert reader.execute("select distinct tenant_id from tenant.statements").fetchall() == [(planted.ours.tenant_id,)]
    assert reader.execute("select distinct tenant_id from lms.users").fetchall() == [(planted.ours.tenant_id,)]


@pytest.mark.parametrize("relation", ["tenant.statements", "lms.users"])
def test_reader__turning_row_security_off_gives_an_error_not_rows(reader: Connection, relation: str) -> None:
    reader.execute("set row_security = off")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        reader.execute(f"select * from {relation}")


LEAK = """
create function pg_temp.leak(value text) returns boolean language plpgsql cost 0.0000001 as $$
begin
    raise notice 'leaked %', value;
    return true;
end
$$
"""


@pytest.mark.parametrize(
    ("relation", "column"),
    [
        ("tenant.statements", "statement::text"),
        ("lms.users", "email"),
        ("lms.courses", "title"),
        ("control.tenants", "name"),
    ],
)
def test_reader__a_cheap_function_is_not_asked_about_the_others_rows(
    database: Database, planted: Planted, relation: str, column: str
) -> None:
    guest, _ = plant(database, relation.replace(".", "-"))
    with database.admin(autocommit=True) as admin:
        # A reader cannot even make the function; given that, it must still learn nothing.
        grant = sql.SQL("grant temporary on database {} to {}")
        admin.execute(grant.format(sql.Identifier(admin.info.dbname), sql.Identifier(guest.reader)))
    notices: list[str] = []
    with database.reader(guest, autocommit=True) as reader:
        reader.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        reader.execute("set default_transaction_read_only = off")
        reader.execute(LEAK)
        reader.execute(f"select count(*) from {relation} where pg_temp.leak({column})")
    assert len(notices) == (3 if relation == "tenant.statements" else 1), "asked about our own rows, and only those"
    assert planted.their_mark not in " ".join(notices)


def allowed(reader: Connection, commands: list[str]) -> list[str]:
    done = []
    for command in commands:
        try:
            reader.execute(command)
        except Error:
            continue
        done.append(command)
    return done


def test_reader__makes_no_objects(reader: Connection) -> None:
    commands = [
        "create temporary table t (x int)",
        "create table public.t (x int)",
        "create table tenant.t (x int)",
        "create schema mine",
        "create function pg_temp.f() returns int language sql return 1",
        "create extension dblink",
        "create foreign data wrapper w",
        "create server s foreign data wrapper w",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, 'x')",
        "create role friend",
        "create view tenant.v as select 1",
        "create language plperlu",
        "create publication p for all tables",
    ]
    assert allowed(reader, commands) == []


def test_reader__reads_no_files_and_runs_no_programs(reader: Connection) -> None:
    commands = [
        "select pg_read_file('postgresql.conf')",
        "select pg_read_binary_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select pg_ls_waldir()",
        "select lo_import('/etc/passwd')",
        "copy lms.users to '/tmp/users'",
        "copy (select 1) to program 'cat'",
        "select pg_stat_file('PG_VERSION')",
        "select pg_reload_conf()",
        "alter system set work_mem = '1GB'",
    ]
    assert allowed(reader, commands) == []


def test_reader__ends_no_other_session(database: Database, reader: Connection, planted: Planted) -> None:
    with database.reader(planted.theirs) as other:
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("select pg_terminate_backend(%s)", [other.info.backend_pid])
        assert other.execute("select 1").fetchone() == (1,)


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
        "drop policy of_reader_tenant on lms.users",
    ],
)
def test_reader__changes_nothing(reader: Connection, planted: Planted, command: str) -> None:
    with pytest.raises(Error) as refused:
        reader.execute(command.format(theirs=planted.theirs.tenant_id))
    assert refused.value.sqlstate == "42501"


def test_reader__functions_without_arguments_tell_nothing(
    database: Database, reader: Connection, planted: Planted
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
        assert planted.their_mark not in seen, (schema, name)
    assert called > 50


def test_disabled_tenant__its_reader_is_out(database: Database) -> None:
    tenant, _ = plant(database, "leaving")
    with database.reader(tenant, autocommit=True) as reader:
        with database.admin() as connection:
            set_tenant_active(connection, tenant.slug, is_active=False)
        with pytest.raises(Error):
            reader.execute("select 1")
    with pytest.raises(Error, match="not permitted to log in"):
        database.reader(tenant)
    with database.admin() as connection:
        set_tenant_active(connection, tenant.slug, is_active=True)
    with database.reader(tenant) as reader:
        assert reader.execute("select count(*) from tenant.statements").fetchone() == (3,)
