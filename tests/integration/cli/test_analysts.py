import pytest
from psycopg import connect

from core.database.address import login_conninfo
from tests.harness.command import Command
from tests.harness.database import Database

CREATE = ("analysts", "create", "--tenant", "school", "--name", "Ada")


def test_create__gives_a_login_once(lyceum: Command, database: Database) -> None:
    database.tenant("school")
    made = lyceum(*CREATE, "--expires", "30", "--limit", "60", "--json")
    assert made.code == 0, made.err
    with connect(login_conninfo(database.settings, made.json["login"], made.json["password"])) as analyst:
        assert analyst.execute("select slug from control.tenants").fetchall() == [("school",)]
    listed = lyceum("analysts", "list", "--tenant", "school")
    assert "Ada" in listed.out
    assert "60 s" in listed.out
    assert "expires " in listed.out
    assert made.json["password"] not in listed.out


def test_create__says_what_to_keep(lyceum: Command, database: Database) -> None:
    database.tenant("school")
    made = lyceum(*CREATE)
    assert "Keep the password now" in made.out
    assert "school" not in made.out.split("login")[1].split()[0], "the login's name is visible to all"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("analysts", "create", "--tenant", "nobody", "--name", "x"), "There is no tenant 'nobody'"),
        (("analysts", "create", "--tenant", "school", "--name", " "), "empty or too long"),
        (("analysts", "disable", "--tenant", "school", "--name", "nobody"), "no analyst 'nobody'"),
    ],
)
def test_mistakes__one_sentence(lyceum: Command, database: Database, arguments: tuple[str, ...], said: str) -> None:
    database.tenant("school")
    done = lyceum(*arguments)
    assert (done.code, said in done.err, "Traceback" in done.err) == (1, True, False)


def test_create__a_name_is_given_once_while_in_force(lyceum: Command, database: Database) -> None:
    database.tenant("school")
    assert lyceum(*CREATE).code == 0
    assert "an analyst named 'Ada' already" in lyceum(*CREATE).err
    assert lyceum("analysts", "disable", "--tenant", "school", "--name", "Ada").code == 0
    assert lyceum(*CREATE).code == 0
    with database.admin() as connection:
        acts = connection.execute("select action from control.audit where action ~ '^analyst' order by 1").fetchall()
    assert acts == [("analyst.create",), ("analyst.create",), ("analyst.disable",)]
