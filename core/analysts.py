"""People with a database login of their own. The password is shown once; the database keeps a hash."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import Connection, errors, sql
from psycopg.rows import class_row

from core.audit import record_act
from core.database.readers import DEFAULTS, create_login, set_logins
from core.errors import UserError
from core.secrets import new_role_name
from core.tenants import find_tenant

CONNECTION_LIMIT = 10
TRANSACTION_LIMIT = timedelta(minutes=5)
# What an analyst has beyond a dashboard: memory to sort in, and an end to a forgotten notebook.
SESSION = {"work_mem": "64MB", "idle_session_timeout": "8h"}


@dataclass(frozen=True)
class NewAnalyst:
    name: str
    expires_at: datetime | None = None
    transaction_limit: timedelta = TRANSACTION_LIMIT


@dataclass(frozen=True)
class Analyst:
    name: str
    role_name: str
    transaction_limit: timedelta
    created_at: datetime
    expires_at: datetime | None
    disabled_at: datetime | None

    @property
    def state(self) -> str:
        if self.disabled_at:
            return f"disabled {self.disabled_at:%Y-%m-%d}"
        if self.expires_at:
            return f"{'expired' if self.expires_at < datetime.now(UTC) else 'expires'} {self.expires_at:%Y-%m-%d}"
        return "in force"


@dataclass(frozen=True)
class IssuedAnalyst:
    analyst: Analyst
    password: str


SELECT_ANALYSTS = """
select name, role_name, transaction_limit, created_at, expires_at, disabled_at from control.analysts
"""


def create_analyst(connection: Connection, slug: str, new: NewAnalyst) -> IssuedAnalyst:
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        if not tenant.is_active:
            raise UserError(f"The tenant {slug} is disabled.", f"`lyceum tenants enable {slug}` lets it in again.")
        role, password = new_role_name(), secrets.token_urlsafe(24)
        _insert(connection, tenant.tenant_id, role, new)
        timeout = f"{int(new.transaction_limit.total_seconds())}s"
        create_login(connection, role, password, CONNECTION_LIMIT, DEFAULTS | SESSION | {"statement_timeout": timeout})
        if new.expires_at is not None:
            until = sql.SQL("alter role {} valid until {}")
            connection.execute(until.format(sql.Identifier(role), sql.Literal(new.expires_at.isoformat())))
        record_act(connection, tenant.tenant_id, "analyst.create", new.name, {"role": role})
        return IssuedAnalyst(find_analyst(connection, slug, role), password)


def list_analysts(connection: Connection, slug: str) -> list[Analyst]:
    tenant = find_tenant(connection, slug)
    with connection.cursor(row_factory=class_row(Analyst)) as cursor:
        return cursor.execute(
            f"{SELECT_ANALYSTS} where tenant_id = %s order by created_at, role_name", [tenant.tenant_id]
        ).fetchall()


def find_analyst(connection: Connection, slug: str, name: str) -> Analyst:
    """By name or login; a disabled one only by its login, since its name may be in use again."""
    tenant = find_tenant(connection, slug)
    with connection.cursor(row_factory=class_row(Analyst)) as cursor:
        found = cursor.execute(
            f"{SELECT_ANALYSTS} where tenant_id = %s and (role_name = %s or (name = %s and disabled_at is null))",
            [tenant.tenant_id, name, name],
        ).fetchone()
    if found is None:
        raise UserError(
            f"{slug} has no analyst {name!r} in force.", f"`lyceum analysts list --tenant {slug}` shows all."
        )
    return found


def disable_analyst(connection: Connection, slug: str, name: str) -> Analyst:
    """For good: who is to come back gets a new login."""
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        found = find_analyst(connection, slug, name)
        connection.execute(
            "update control.analysts set disabled_at = coalesce(disabled_at, now()) "
            "where tenant_id = %s and role_name = %s",
            [tenant.tenant_id, found.role_name],
        )
        set_logins(connection, [found.role_name], may_log_in=False)
        record_act(connection, tenant.tenant_id, "analyst.disable", found.name, {"role": found.role_name})
        return find_analyst(connection, slug, found.role_name)


def _insert(connection: Connection, tenant_id: int, role: str, new: NewAnalyst) -> None:
    if not 1 <= len(new.name.strip()) <= 200:
        raise UserError("An analyst's name is empty or too long.", "Use 1 to 200 characters.")
    try:
        connection.execute(
            "insert into control.analysts (tenant_id, role_name, name, transaction_limit, expires_at) "
            "values (%s, %s, %s, %s, %s)",
            [tenant_id, role, new.name, new.transaction_limit, new.expires_at],
        )
    except errors.UniqueViolation as error:
        raise UserError(
            f"There is an analyst named {new.name!r} already.", "Choose another name, or disable that one."
        ) from error
