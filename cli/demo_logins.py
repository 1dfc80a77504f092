"""Who may sign in to the demo's dashboards: somebody for each role, all with one password that is made once."""

import secrets
from typing import NamedTuple

from psycopg import Connection

from cli.context import admin_connection
from core.errors import UserError
from core.people import NewPerson, create_person, give_password, list_people, sync_people
from core.private import write_private
from local.home import Home
from simulator.demo import TENANTS

# The one that is shown.
SCHOOL = TENANTS[0].slug
SCHOOLS = tuple(tenant.slug for tenant in TENANTS)
OPERATOR = "operator"


class Logins(NamedTuple):
    instructor: str
    admin: str
    operator: str
    password: str


def make_logins(home: Home) -> Logins:
    kept = home.demo / "password.txt"
    if not kept.exists():
        write_private(kept, secrets.token_urlsafe(9))
    with admin_connection() as connection:
        for school in SCHOOLS:
            sync_people(connection, school)
        if all(one.role != OPERATOR for one in list_people(connection)):
            create_person(connection, None, NewPerson("operator", "Olga Operator"))
        logins = read_logins(connection, home)
        for name in (logins.instructor, logins.admin, logins.operator):
            give_password(connection, name, logins.password)
    return logins


def read_logins(connection: Connection, home: Home) -> Logins:
    names = {one.role: one.user_name for one in reversed(list_people(connection, SCHOOL))}
    try:
        password = (home.demo / "password.txt").read_text(encoding="utf-8")
        return Logins(names["instructor"], names["admin"], OPERATOR, password)
    except (FileNotFoundError, KeyError) as error:
        raise UserError("The demo's schools are not here, or not whole.", "`lyceum demo` makes them.") from error
