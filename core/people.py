"""Who may sign in to the dashboards, and as what. Superset's own users are made from these."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from psycopg import Connection, errors
from psycopg.rows import class_row

from core.audit import record_act
from core.errors import UserError
from core.passwords import hash_password
from core.tenants import find_tenant

Role = Literal["instructor", "admin", "analyst", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)
OPERATOR: Role = "operator"
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
MOST_CHARACTERS = 128


@dataclass(frozen=True)
class NewPerson:
    role: Role
    full_name: str
    email: str | None = None
    # Who that is in the LMS; not given, whoever has this mail there.
    user_id: str | None = None


@dataclass(frozen=True)
class Person:
    user_name: str
    tenant: str | None
    role: Role
    email: str | None
    full_name: str
    user_id: str | None
    source: str
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None

    @property
    def state(self) -> str:
        return f"disabled {self.disabled_at:%Y-%m-%d}" if self.disabled_at else "may sign in"


@dataclass(frozen=True)
class Synced:
    made: int
    changed: int
    ended: int


SELECT_PEOPLE = """
select
    people.user_name, tenants.slug as tenant, people.role, people.email, people.full_name, people.user_id::text,
    people.source, people.password_hash is not null as has_password, people.created_at, people.disabled_at
from control.people left join control.tenants on people.tenant_id = tenants.tenant_id
"""


def sync_people(connection: Connection, slug: str) -> Synced:
    """The staff that the LMS has told of."""
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        with connection.cursor(row_factory=class_row(Synced)) as cursor:
            synced = cursor.execute("select * from control.sync_people(%s)", [tenant.tenant_id]).fetchone()
        if synced is None:
            raise RuntimeError("control.sync_people told nothing")
        record_act(connection, tenant.tenant_id, "people.sync", slug, {"made": synced.made, "ended": synced.ended})
        return synced


def sync_everybody(connection: Connection) -> dict[str, Synced]:
    """By tenant. Nobody's act, so it is not in the account of who did what, and a service may do it."""
    rows = connection.execute(
        "select tenants.slug, synced.made, synced.changed, synced.ended from control.tenants "
        "cross join lateral control.sync_people(tenants.tenant_id) as synced where tenants.is_active order by 1"
    ).fetchall()
    return {slug: Synced(*counts) for slug, *counts in rows}


def create_person(connection: Connection, slug: str | None, new: NewPerson) -> Person:
    with connection.transaction():
        tenant_id, user_name = _named(connection, slug, new)
        user_id = new.user_id if tenant_id is None else _in_the_lms(connection, tenant_id, new)
        try:
            connection.execute(
                "insert into control.people (tenant_id, user_name, role, email, full_name, user_id, source) "
                "values (%s, %s, %s, %s, %s, %s, 'hand')",
                [tenant_id, user_name, new.role, _folded(new.email), new.full_name, user_id],
            )
        except errors.UniqueViolation as error:
            raise UserError(
                f"There is {user_name} already.", f"`lyceum people password {user_name}` gives a new password."
            ) from error
        record_act(connection, tenant_id, "people.create", user_name, {"role": new.role})
        return find_person(connection, user_name)


def give_password(connection: Connection, user_name: str, password: str | None = None) -> str:
    """A new one, told once: what is kept is a hash."""
    password = password or secrets.token_urlsafe(12)
    with connection.transaction():
        person = find_person(connection, user_name)
        connection.execute(
            "update control.people set password_hash = %s where user_name = %s",
            [hash_password(password), person.user_name],
        )
        record_act(connection, _tenant_id(connection, person), "people.password", person.user_name)
    return password


def set_person_active(connection: Connection, user_name: str, *, is_active: bool) -> Person:
    """Disabled: whoever is signed in is out with the next click."""
    with connection.transaction():
        person = find_person(connection, user_name)
        connection.execute(
            "update control.people set disabled_at = case when %s then null else coalesce(disabled_at, now()) end "
            "where user_name = %s",
            [is_active, person.user_name],
        )
        act = "people.enable" if is_active else "people.disable"
        record_act(connection, _tenant_id(connection, person), act, person.user_name)
        return find_person(connection, user_name)


def find_person(connection: Connection, user_name: str) -> Person:
    with connection.cursor(row_factory=class_row(Person)) as cursor:
        found = cursor.execute(f"{SELECT_PEOPLE} where people.user_name = %s", [user_name.lower()]).fetchone()
    if found is None:
        raise UserError(f"There is nobody named {user_name!r}.", "`lyceum people list` shows all.")
    return found


def list_people(connection: Connection, slug: str | None = None) -> Sequence[Person]:
    """Of a tenant, or all."""
    wanted = find_tenant(connection, slug).slug if slug else None
    with connection.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(
            f"{SELECT_PEOPLE} where %(slug)s::text is null or tenants.slug = %(slug)s order by people.user_name",
            {"slug": wanted},
        ).fetchall()


def _named(connection: Connection, slug: str | None, new: NewPerson) -> tuple[int | None, str]:
    email = _folded(new.email)
    if email is not None and not EMAIL.fullmatch(email):
        raise UserError(f"{new.email!r} is no mail address.", "Give one such as ann@school.example.")
    if (new.role == OPERATOR) != (slug is None):
        raise UserError(
            "An operator is of no tenant, and everybody else is of one.",
            "Give --tenant, or --role operator without it.",
        )
    if slug is None:
        return None, _operators_name(email)
    if email is None:
        raise UserError("A mail address is missing.", "People of a tenant sign in by it: give --email.")
    return find_tenant(connection, slug).tenant_id, _short_enough(f"{slug}/{email}")


def _operators_name(email: str | None) -> str:
    # Else it could be the name of somebody in a tenant.
    if email is not None and "/" in email:
        raise UserError(f"{email!r} has a slash in it.", "An operator needs another address.")
    return _short_enough(email or OPERATOR)


def _short_enough(user_name: str) -> str:
    if len(user_name) > MOST_CHARACTERS:
        raise UserError(f"{user_name!r} is longer than {MOST_CHARACTERS} characters.", "Use a shorter mail address.")
    return user_name


def _in_the_lms(connection: Connection, tenant_id: int, new: NewPerson) -> str | None:
    rows = connection.execute(
        "select user_id::text from lms.users where tenant_id = %(tenant)s and "
        "case when %(id)s::text is null then lower(email) = %(email)s else user_id = %(id)s end",
        {"tenant": tenant_id, "id": new.user_id, "email": _folded(new.email)},
    ).fetchall()
    if len(rows) == 1:
        return str(rows[0][0])
    if new.role == "instructor" or new.user_id is not None:
        raise UserError(
            f"The LMS has {'nobody' if not rows else 'several people'} with {new.user_id or new.email!r}, "
            "and an instructor sees the courses that the LMS says they teach.",
            "Import the users first, or name the one meant with --user-id.",
        )
    return None


def _tenant_id(connection: Connection, person: Person) -> int | None:
    return find_tenant(connection, person.tenant).tenant_id if person.tenant else None


def _folded(email: str | None) -> str | None:
    return email.strip().lower() if email is not None else None
