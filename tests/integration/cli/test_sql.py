import os
import signal
import subprocess

import pytest

from tests.harness.command import Command, Finished
from tests.harness.database import Database
from tests.harness.planting import plant
from tests.harness.waiting import wait_until

ACTIVE = "select count(*) from pg_stat_activity where query like 'select pg_sleep(601%' and state = 'active'"


@pytest.fixture
def school(database: Database) -> str:
    tenant, _ = plant(database, "school")
    plant(database, "other")
    return tenant.slug


def shell(lyceum: Command, typed: str, *options: str) -> Finished:
    process = lyceum.start("sql", "--tenant", "school", *options, stdin=subprocess.PIPE)
    out, err = process.communicate(typed, timeout=60)
    return Finished(process.returncode, out, err)


def test_command__sees_its_tenants_rows_only(lyceum: Command, school: str) -> None:
    done = lyceum("sql", "--tenant", school, "-c", "select user_id, role from users", "--format", "json")
    assert (done.code, done.json) == (0, [{"user_id": "mark-of-school", "role": "student"}])


def test_command__formats(lyceum: Command, school: str) -> None:
    query = """select 1 as a, null as b, 'x,"y' as c, '{"k": [1]}'::json as d"""
    as_csv = lyceum("sql", "--tenant", school, "-c", query, "--format", "csv")
    assert as_csv.out == 'a,b,c,d\n1,,"x,""y","{""k"": [1]}"\n'
    as_table = lyceum("sql", "--tenant", school, "-c", query)
    assert as_table.out.splitlines()[0].split() == ["a", "b", "c", "d"]
    nothing = lyceum("sql", "--tenant", school, "-c", "select 1 as a where false", "--format", "json")
    assert nothing.json == []


def test_command__table_ends_with_a_word_where_there_is_more(lyceum: Command, school: str) -> None:
    done = lyceum("sql", "--tenant", school, "-c", "select generate_series(1, 2000) as n")
    assert "The first 1,000 rows" in done.out
    assert len(done.out.splitlines()) == 1002


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select nothing", 'column "nothing" does not exist'),
        ("delete from users", "read-only transaction"),
        ("set transaction read write; delete from users", "multiple commands"),
        ("select * from xapi.statements", "permission denied"),
        ("select count(*) from control.analysts", "permission denied"),
    ],
)
def test_command__refused(lyceum: Command, school: str, query: str, said: str) -> None:
    done = lyceum("sql", "--tenant", school, "-c", query)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err


def test_unknown_and_disabled_tenant(lyceum: Command, school: str) -> None:
    assert "There is no tenant 'nobody'" in lyceum("sql", "--tenant", "nobody", "-c", "select 1").err
    lyceum("tenants", "disable", school)
    assert "is disabled" in lyceum("sql", "--tenant", school, "-c", "select 1").err


def test_shell__is_psql_as_the_reader_and_hands_on_no_other_secret(lyceum: Command, school: str) -> None:
    done = shell(lyceum, "\\d users\nselect count(*), session_user ~ '^reader_' from users;\n\\! env\n")
    assert "1 | t" in done.out
    assert "user_id" in done.out
    assert "LYCEUM_" not in done.out


def test_plain_shell__tables_describe_and_select(lyceum: Command, school: str) -> None:
    typed = "help\ntables\ndescribe users\nselect user_id\nfrom users;\nselect oops;\nselect 6 * 7 as n;\nquit\n"
    done = shell(lyceum, typed, "--plain")
    assert done.code == 0
    for shown in ("describe NAME", "submissions", "full_name", "mark-of-school", "42"):
        assert shown in done.out
    assert "mark-of-other" not in done.out
    assert 'column "oops" does not exist' in done.err


def test_plain_shell__what_is_described_cannot_break_out(lyceum: Command, school: str) -> None:
    done = shell(lyceum, "describe users'::regclass; select 'escaped'; --\n", "--plain")
    assert "does not exist" in done.err or "invalid name" in done.err
    assert "escaped\n" not in done.out


def test_interrupt__ends_the_query_in_the_database(lyceum: Command, database: Database, school: str) -> None:
    process = lyceum.start("sql", "--tenant", school, "-c", "select pg_sleep(601)")
    with database.admin(autocommit=True) as admin:
        wait_until(lambda: admin.execute(ACTIVE).fetchone() == (1,))
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        wait_until(lambda: admin.execute(ACTIVE).fetchone() == (0,))
    assert process.returncode == 130
