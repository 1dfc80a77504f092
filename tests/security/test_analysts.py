"""An analyst of one tenant has a login of its own, sees what the tenant's reader sees, and cannot outlive its limit."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection, Error, OperationalError, connect, sql

from core.analysts import IssuedAnalyst, NewAnalyst, create_analyst, disable_analyst
from core.database.address import login_conninfo
from core.database.migrate import migrate
from core.tenants import Tenant, set_tenant_active
from tests.harness.database import Database
from tests.harness.planting import Planted
from tests.harness.probing import everything, relations

pytestmark = pytest.mark.both_databases
SECOND = timedelta(seconds=1)


def issue(database: Database, tenant: Tenant, name: str, **given: object) -> IssuedAnalyst:
    with database.admin() as connection:
        return create_analyst(connection, tenant.slug, NewAnalyst(name, **given))  # type: ignore[arg-type]


def enter(database: Database, issued: IssuedAnalyst) -> Connection:
    login = login_conninfo(database.settings, issued.analyst.role_name, issued.password)
    connection = connect(login, autocommit=True)
    connection.execute("set default_transaction_read_only = off")
    connection.execute("set statement_timeout = 0")
    connection.execute("set idle_in_transaction_session_timeout = 0")
    return connection


@pytest.fixture(scope="module")
def ours(database: Database, planted: Planted) -> IssuedAnalyst:
    return issue(database, planted.ours, "Ada")


@pytest.fixture
def analyst(database: Database, ours: IssuedAnalyst) -> Iterator[Connection]:
    with enter(database, ours) as connection:
        yield connection


def keep_watch(database: Database) -> int:
    with database.service("ingest", autocommit=True) as keeper:
        row = keeper.execute("select control.end_overlong_readers()").fetchone()
        assert row is not None
        return int(row[0])


def wait_until_ended(database: Database, session: Connection) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        keep_watch(database)
        try:
            session.execute("select 1")
        except OperationalError:
            return
    raise AssertionError("the session goes on")


def test_analyst__no_relation_shows_the_others_rows(database: Database, analyst: Connection, planted: Planted) -> None:
    leaks, own = [], 0
    for schema, name in relations(database):
        seen = everything(analyst, sql.SQL("select * from {}").format(sql.Identifier(schema, name)))
        own += planted.our_mark in seen
        if planted.their_mark in seen:
            leaks.append((schema, name))
    assert leaks == []
    assert own > 5, "the scan must be able to find a mark"
    assert analyst.execute("select count(*), min(tenant_id), max(tenant_id) from tenant.statements").fetchone() == (
        3, planted.ours.tenant_id, planted.ours.tenant_id,
    )  # fmt: skip


def test_analysts__of_two_tenants_see_nothing_of_each_other(
    database: Database, analyst: Connection, planted: Planted
) -> None:
    with enter(database, issue(database, planted.theirs, "Grace")) as other:
        for query in ("select * from lms.users", "select * from tenant.statements", "select * from control.tenants"):
            ask = sql.SQL(query).format()
            assert planted.our_mark not in everything(other, ask)
            assert planted.their_mark not in everything(analyst, ask)
        count = "select count(distinct tenant_id), min(tenant_id) from tenant.statements"
        assert other.execute(count).fetchone() == (1, planted.theirs.tenant_id)
        assert analyst.execute(count).fetchone() == (1, planted.ours.tenant_id)


def test_analyst__cannot_become_another_role(database: Database, analyst: Connection, planted: Planted) -> None:
    issue(database, planted.theirs, "Hopper")
    with database.admin() as connection:
        roles = [row[0] for row in connection.execute("select rolname from pg_roles")]
    for role in roles:
        for command in ("set role {}", "set session authorization {}"):
            everything(analyst, sql.SQL(command).format(sql.Identifier(role)))
            seen = everything(analyst, sql.SQL("select * from lms.users, tenant.statements").format())
            assert planted.their_mark not in seen, (command, role)


@pytest.mark.parametrize(
    "command",
    [
        "update lms.users set full_name = 'x'",
        "delete from tenant.statements",
        "insert into control.analysts (tenant_id, role_name, name, transaction_limit) values (1, 'x', 'x', '1 s')",
        "update control.analysts set transaction_limit = '1 year'",
        "select * from control.analysts",
        "select control.end_overlong_readers()",
        "create table public.t (x int)",
        "alter role current_user set temp_file_limit = '1TB'",
        "alter role current_user connection limit 1000",
        "alter role current_user valid until 'infinity'",
    ],
)
def test_analyst__changes_nothing(analyst: Connection, command: str) -> None:
    with pytest.raises(Error) as refused:
        analyst.execute(command)
    assert refused.value.sqlstate == "42501"


def test_analyst__has_limits_of_its_own(database: Database, planted: Planted) -> None:
    issued = issue(database, planted.ours, "Limited", transaction_limit=timedelta(seconds=7))
    with connect(login_conninfo(database.settings, issued.analyst.role_name, issued.password)) as connection:
        shown = {
            name: connection.execute(sql.SQL("show {}").format(sql.Identifier(name))).fetchone()
            for name in ("statement_timeout", "temp_file_limit", "work_mem", "default_transaction_read_only")
        }
    assert shown == {
        "statement_timeout": ("7s",),
        "temp_file_limit": ("2GB",),
        "work_mem": ("64MB",),
        "default_transaction_read_only": ("on",),
    }


def test_watchdog__ends_a_transaction_over_its_limit(database: Database, planted: Planted) -> None:
    with (
        enter(database, issue(database, planted.ours, "Slow", transaction_limit=SECOND)) as slow,
        enter(database, issue(database, planted.ours, "Quick")) as quick,
    ):
        slow.execute("begin")
        quick.execute("begin")
        assert keep_watch(database) == 0, "not yet"
        wait_until_ended(database, slow)
        assert quick.execute("select 1").fetchone() == (1,), "has minutes left"


def test_watchdog__a_running_statement_is_ended_whatever_the_session_has_set(
    database: Database, planted: Planted
) -> None:
    issued = issue(database, planted.ours, "Endless", transaction_limit=SECOND)
    with enter(database, issued) as endless, ThreadPoolExecutor(1) as thread:
        sleeping = thread.submit(endless.execute, "select pg_sleep(600)")
        deadline = time.monotonic() + 30
        while not keep_watch(database):
            assert time.monotonic() < deadline, "the statement goes on"
        with pytest.raises(OperationalError, match="terminating connection"):
            sleeping.result(timeout=10)


def test_watchdog__ends_the_tenants_own_reader_too(database: Database, planted: Planted) -> None:
    with database.admin() as connection:
        watched = connection.execute(
            "select bool_and(pg_has_role('lyceum_owner', role_name, 'usage')), "
            "bool_or(pg_has_role('lyceum_owner', role_name, 'set')) from control.reader_roles"
        ).fetchone()
    assert watched == (True, False)


def test_migrate__readers_made_before_come_under_the_watchdog(database: Database) -> None:
    reader = database.tenant("made-before").reader
    watched = "select pg_has_role('lyceum_owner', %s::name, 'usage')"
    with database.admin(autocommit=True) as connection:
        connection.execute(sql.SQL("revoke {} from lyceum_owner").format(sql.Identifier(reader)))
        assert connection.execute(watched, [reader]).fetchone() == (False,)
        assert keep_watch(database) == 0, "whom it cannot see it leaves alone"
        migrate(database.settings)
        assert connection.execute(watched, [reader]).fetchone() == (True,)


def test_disable__ends_sessions_and_closes_the_login(database: Database, planted: Planted) -> None:
    issued = issue(database, planted.ours, "Leaving")
    with enter(database, issued) as session:
        with database.admin() as connection:
            disabled = disable_analyst(connection, planted.ours.slug, "Leaving")
        with pytest.raises(Error):
            session.execute("select 1")
    assert disabled.state.startswith("disabled ")
    with pytest.raises(Error, match="not permitted to log in"):
        enter(database, issued)
    assert issue(database, planted.ours, "Leaving").analyst.role_name != issued.analyst.role_name


def test_disabled_tenant__its_analysts_are_out_and_may_come_back(database: Database) -> None:
    tenant = database.tenant("closing")
    staying, gone = issue(database, tenant, "Staying"), issue(database, tenant, "Gone")
    with enter(database, staying) as session, database.admin() as connection:
        disable_analyst(connection, "closing", "Gone")
        set_tenant_active(connection, "closing", is_active=False)
        connection.commit()
        with pytest.raises(Error):
            session.execute("select 1")
        with pytest.raises(Error, match="not permitted to log in"):
            enter(database, staying)
        set_tenant_active(connection, "closing", is_active=True)
    enter(database, staying).close()
    with pytest.raises(Error, match="not permitted to log in"):
        enter(database, gone)


def test_expiry__sees_no_rows_and_is_ended(database: Database, planted: Planted) -> None:
    issued = issue(database, planted.ours, "Guest", expires_at=datetime.now(UTC) + timedelta(days=1))
    with enter(database, issued) as session:
        assert session.execute("select count(*) from lms.users").fetchone() == (1,)
        with database.admin() as connection:
            connection.execute(
                "update control.analysts set expires_at = now() where role_name = %s", [issued.analyst.role_name]
            )
            until = sql.SQL("alter role {} valid until 'yesterday'")
            connection.execute(until.format(sql.Identifier(issued.analyst.role_name)))
        assert session.execute("select count(*) from lms.users").fetchone() == (0,)
        wait_until_ended(database, session)
    with pytest.raises(OperationalError):
        enter(database, issued)
