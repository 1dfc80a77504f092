"""Who somebody is, as Lyceum says it: Superset's own tables of users and roles only follow."""

from typing import Any

from flask import current_app, g, has_request_context
from msgspec import Struct
from sqlalchemy import false, text
from superset.extensions import db
from superset.utils.core import get_user_id

from dashboards.service import Service

ROLES = {"instructor": "Instructor", "admin": "Tenant admin", "analyst": "Analyst", "operator": "Operator"}

FIND = text(
    "select user_name, role, tenant, reader, user_id, email, full_name, sight from control.dashboard_person(:name)"
)


class Person(Struct, frozen=True):
    user_name: str
    role: str
    tenant: str | None
    # The database login of the tenant; an operator has none.
    reader: str | None
    # Who that is in the LMS.
    user_id: str | None
    email: str | None
    full_name: str
    # Changes with what this person may see.
    sight: str

    @property
    def superset_role(self) -> str:
        return ROLES[self.role]


def find_person(user_name: str | None) -> Person | None:
    """As the database has it now, asked once a request. None: nobody, or not any more."""
    if not user_name:
        return None
    if not has_request_context():
        return _ask(user_name)
    known: dict[str, Person | None] = g.setdefault("lyceum_people", {})
    if user_name not in known:
        known[user_name] = _ask(user_name)
    return known[user_name]


def only_oneself(query: Any) -> Any:
    """Of the users that Superset would list to everybody, by name: those of other tenants, too."""
    from superset import security_manager  # noqa: PLC0415 - made after the configuration is read

    return query.filter(security_manager.user_model.id == get_user_id())


def nothing(query: Any) -> Any:
    return query.filter(false())


def service() -> Service:
    found = current_app.config["SERVICE"]
    assert isinstance(found, Service)  # noqa: S101 - for the types
    return found


def _ask(user_name: str) -> Person | None:
    row = db.session.execute(FIND, {"name": user_name.lower()}).mappings().first()
    return Person(**row) if row else None
