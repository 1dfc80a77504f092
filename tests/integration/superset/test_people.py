"""Who may sign in, as the LMS's staff come and go. Without Superset: it only asks what the database says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, errors

from core.errors import UserError
from core.passwords import is_password
from core.people import (
    NewPerson,
    Synced,
    create_person,
    find_person,
    give_password,
    list_people,
    set_person_active,
    sync_people,
)
from core.settings import Settings
from core.tenants import Tenant, set_tenant_active
from tests.harness.command import Command
from tests.harness.database import Database, cloned

USERS = """
insert into lms.users (tenant_id, user_id, email, full_name, role, batch_id) values (%s, %s, %s, %s, %s, 0)
"""


@pytest.fixture(scope="module")
def shared(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    """For tests that change nothing."""
    with cloned(server, edition, server_folder) as database:
        make_school(database)
        with database.admin() as connection:
            sync_people(connection, "school")
        yield database


@pytest.fixture
def school(database: Database) -> Tenant:
    return make_school(database)


def make_school(database: Database) -> Tenant:
    """An admin, an instructor, a student who teaches, two with one mail, a student, and one without a mail."""
    tenant = database.tenant("school")
    staff = [
        ("a", "Ada@School.example", "Ada", "admin"),
        ("i", "ina@school.example", "Ina", "instructor"),
        ("t", "tim@school.example", None, "student"),
        ("d1", "two@school.example", "Two", "instructor"),
        ("d2", "TWO@school.example", "Other", "student"),
        ("s", "sue@school.example", "Sue", "student"),
        ("n", None, "Nomail", "instructor"),
    ]
    with database.admin() as connection:
        for row in staff:
            connection.execute(USERS, [tenant.tenant_id, *row])
        connection.execute(
            "insert into lms.courses (tenant_id, course_id, title, status, batch_id) values (%s, 'c', 'C', 'draft', 0)",
            [tenant.tenant_id],
        )
        teach(connection, tenant, "t")
    return tenant


def teach(connection: Connection, tenant: Tenant, user_id: str) -> None:
    connection.execute(
        "insert into lms.course_instructors (tenant_id, course_id, user_id, batch_id) values (%s, 'c', %s, 0)",
        [tenant.tenant_id, user_id],
    )


def test_sync__staff_of_the_lms(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        assert sync_people(connection, "school") == Synced(made=3, changed=0, ended=0)
        people = {one.user_name: (one.role, one.full_name, one.user_id) for one in list_people(connection, "school")}
    assert people == {
        "school/ada@school.example": ("admin", "Ada", "a"),
        "school/ina@school.example": ("instructor", "Ina", "i"),
        "school/tim@school.example": ("instructor", "tim@school.example", "t"),
    }


def test_sync__again_changes_nothing(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        assert sync_people(connection, "school") == Synced(made=0, changed=0, ended=0)


def test_sync__one_mail_in_two_tenants_is_two_people(database: Database, school: Tenant) -> None:
    other = database.tenant("other")
    with database.admin() as connection:
        connection.execute(USERS, [other.tenant_id, "i", "ina@school.example", "Ina", "admin"])
        sync_people(connection, "school")
        sync_people(connection, "other")
        assert find_person(connection, "other/ina@school.example").role == "admin"
        assert find_person(connection, "school/ina@school.example").role == "instructor"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update lms.users set role = 'student' where user_id = 'i'", Synced(0, 0, 1)),
        ("update lms.course_instructors set removed_at = now() where user_id = 't'", Synced(0, 0, 1)),
        ("update lms.users set role = 'admin' where user_id = 'i'", Synced(0, 1, 0)),
        ("update lms.users set email = 'new@school.example' where user_id = 'i'", Synced(1, 0, 1)),
        ("update lms.users set role = 'instructor' where user_id = 's'", Synced(1, 0, 0)),
    ],
)
def test_sync__what_the_lms_changed(database: Database, school: Tenant, change: str, expected: Synced) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        connection.execute(change)
        assert sync_people(connection, "school") == expected


def test_sync__a_mail_that_went_to_somebody_else_has_no_password(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        give_password(connection, "school/ina@school.example")
        connection.execute("update lms.users set email = null where user_id = 'i'")
        connection.execute("update lms.users set email = 'ina@school.example', role = 'admin' where user_id = 's'")
        assert sync_people(connection, "school") == Synced(made=1, changed=0, ended=1)
        assert not find_person(connection, "school/ina@school.example").has_password


def test_sync__who_was_disabled_or_made_by_hand_stays_so(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        set_person_active(connection, "school/ina@school.example", is_active=False)
        create_person(connection, "school", NewPerson("analyst", "Sue", "sue@school.example"))
        assert sync_people(connection, "school") == Synced(0, 0, 0)
        assert find_person(connection, "school/ina@school.example").disabled_at is not None
        assert find_person(connection, "school/sue@school.example").role == "analyst"


def dashboard_person(database: Database, user_name: str) -> Any:
    with database.service("superset") as connection:
        return connection.execute(
            "select role, tenant, reader, user_id from control.dashboard_person(%s)", [user_name]
        ).fetchone()


def test_dashboard_person__has_the_reader_of_the_tenant(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
    assert dashboard_person(database, "school/tim@school.example") == ("instructor", "school", school.reader, "t")


def test_dashboard_person__an_operator_has_none(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        create_person(connection, None, NewPerson("operator", "Olga"))
    assert dashboard_person(database, "operator") == ("operator", None, None, None)


@pytest.mark.parametrize("how", ["person", "tenant"])
def test_dashboard_person__nobody_when_disabled(database: Database, school: Tenant, how: str) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        if how == "person":
            set_person_active(connection, "school/tim@school.example", is_active=False)
        else:
            set_tenant_active(connection, "school", is_active=False)
    assert dashboard_person(database, "school/tim@school.example") is None


def test_dashboard_person__sees_otherwise_once_something_else_is_taught(database: Database, school: Tenant) -> None:
    sight = "select sight from control.dashboard_person('school/ina@school.example')"
    with database.admin() as connection:
        sync_people(connection, "school")
        before = connection.execute(sight).fetchone()
        teach(connection, school, "i")
        taught = connection.execute(sight).fetchone()
        connection.execute("update lms.course_instructors set removed_at = now()")
        after = connection.execute(sight).fetchone()
    assert before != taught
    assert before == after


@pytest.mark.parametrize(
    "query",
    [
        "select * from control.people",
        "select * from control.tenants",
        "select * from lms.users",
        "select * from marts.refreshes",
        "select control.sync_people(1)",
        "set role lyceum_owner",
        "create schema mine",
    ],
)
def test_superset_role__has_its_schema_and_two_questions(shared: Database, query: str) -> None:
    with shared.service("superset") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(query)


def test_password__only_its_hash_is_kept(database: Database, school: Tenant) -> None:
    with database.admin() as connection:
        sync_people(connection, "school")
        password = give_password(connection, "school/ada@school.example")
        (kept,) = connection.execute("select control.dashboard_password('school/ada@school.example')").fetchall()
        told = connection.execute("select detail::text from control.audit where action = 'people.password'").fetchall()
    assert is_password(password, kept[0])
    assert password not in kept[0] + str(told)


@pytest.mark.parametrize(
    ("slug", "new", "message"),
    [
        ("school", NewPerson("instructor", "No", "nobody@school.example"), "The LMS has nobody"),
        ("school", NewPerson("instructor", "Two", "two@school.example"), "The LMS has several people"),
        ("school", NewPerson("admin", "No", "admin@other.example", "nobody"), "The LMS has nobody"),
        ("school", NewPerson("operator", "No", "op@school.example"), "An operator is of no tenant"),
        (None, NewPerson("admin", "No", "op@school.example"), "An operator is of no tenant"),
        (None, NewPerson("operator", "No", "school/op@school.example"), "has a slash"),
        ("school", NewPerson("analyst", "No", "ana lyst@school.example"), "is no mail address"),
        ("school", NewPerson("analyst", "No"), "A mail address is missing"),
        ("school", NewPerson("analyst", "No", f"{'a' * 130}@school.example"), "is longer than 128"),
        ("nowhere", NewPerson("analyst", "No", "ana@school.example"), "There is no tenant"),
        ("school", NewPerson("admin", "Ada", "ADA@school.example"), "There is school/ada@school.example already"),
    ],
)
def test_create__refused(shared: Database, slug: str | None, new: NewPerson, message: str) -> None:
    with shared.admin() as connection, pytest.raises(UserError, match=message):
        create_person(connection, slug, new)


def test_command__from_the_lms_to_a_password(lyceum: Command, school: Tenant) -> None:
    assert lyceum("people", "sync", "--json").json == [{"tenant": "school", "made": 3, "changed": 0, "ended": 0}]
    told = lyceum("people", "password", "school/ada@school.example", "--json").json
    assert (told["role"], len(told["password"])) == ("admin", 16)
    assert lyceum("people", "disable", "school/ada@school.example").code == 0
    listed = {one["user_name"]: one for one in lyceum("people", "list", "--tenant", "school", "--json").json}
    assert listed["school/ada@school.example"]["disabled_at"] is not None
    assert lyceum("people", "enable", "school/ada@school.example", "--json").json["disabled_at"] is None


def test_command__an_operator(lyceum: Command) -> None:
    made = lyceum("people", "create", "--role", "operator", "--name", "Olga", "--json").json
    assert (made["user_name"], made["tenant"]) == ("operator", None)
    assert lyceum("people", "create", "--role", "chief", "--name", "Olga").err.startswith("Error: There is no role")
