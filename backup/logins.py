"""The logins of readers and analysts, which the server has and a dump of the database has not."""

import secrets

from psycopg import Connection, errors, sql

from backup.manifest import Login
from core.database.readers import create_login, set_logins
from core.secrets import SecretKey

LIST = """
select rolname, rolcanlogin, rolconnlimit, rolvaliduntil, rolconfig from pg_roles
where rolname in (select role_name from control.reader_roles union select role_name from control.analysts)
order by rolname
"""
HASHES = "select rolname, rolpassword from pg_authid where rolname = any(%s)"
# Only a superuser may, so that making a login sees to it.
GIVEN_ANYWAY = "temp_file_limit"


def list_logins(connection: Connection) -> list[Login]:
    rows = connection.execute(LIST).fetchall()
    hashes = _hashes(connection, [row[0] for row in rows])
    return [
        Login(
            role=role,
            may_log_in=may_log_in,
            connection_limit=limit,
            valid_until=until,
            settings=dict(setting.split("=", 1) for setting in config or ()),
            hashed=hashes.get(role),
        )
        for role, may_log_in, limit, until, config in rows
    ]


def make_logins(connection: Connection, logins: list[Login], key: SecretKey) -> list[str]:
    """Those that are not there. Returns the analysts who need a new password."""
    readers = {role for (role,) in connection.execute("select role_name from control.reader_roles")}
    there = {role for (role,) in connection.execute("select rolname from pg_roles")}
    missing = [login for login in logins if login.role not in there]
    for login in missing:
        password = key.reader_password(login.role) if login.role in readers else secrets.token_urlsafe(32)
        settings = {name: value for name, value in login.settings.items() if name != GIVEN_ANYWAY}
        create_login(connection, login.role, password, login.connection_limit, settings)
        if login.role not in readers and login.hashed is not None:
            _alter(connection, login.role, sql.SQL("password {}").format(sql.Literal(login.hashed)))
        if login.valid_until is not None:
            _alter(connection, login.role, sql.SQL("valid until {}").format(sql.Literal(login.valid_until.isoformat())))
        if not login.may_log_in:
            set_logins(connection, [login.role], may_log_in=False)
    return [login.role for login in missing if login.role not in readers and login.may_log_in and not login.hashed]


def _alter(connection: Connection, role: str, change: sql.Composed) -> None:
    connection.execute(sql.SQL("alter role {} {}").format(sql.Identifier(role), change))


def _hashes(connection: Connection, roles: list[str]) -> dict[str, str | None]:
    try:
        with connection.transaction():
            return dict(connection.execute(HASHES, [roles]).fetchall())
    except errors.InsufficientPrivilege:
        return {}
