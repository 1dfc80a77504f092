"""The database logins that see one tenant's rows only: the tenant's own, which Superset uses, and its analysts'."""

from collections.abc import Mapping, Sequence

from psycopg import Connection, errors, sql

from core.database.roles import OWNER, READER, RESTRICTIONS, set_password
from core.secrets import SecretKey, new_role_name

CONNECTION_LIMIT = 30

# What a session may undo for itself. What holds is its grants, the connection limit, temp_file_limit, and that
# control.end_overlong_readers ends it.
DEFAULTS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "search_path": "marts, tenant, lms",
}
TEMP_FILE_LIMIT = "2GB"


def create_reader(connection: Connection, tenant_id: int, key: SecretKey) -> str:
    role = new_role_name()
    create_login(connection, role, key.reader_password(role), CONNECTION_LIMIT, DEFAULTS)
    connection.execute("insert into control.reader_roles (tenant_id, role_name) values (%s, %s)", [tenant_id, role])
    return role


def create_login(
    connection: Connection, role: str, password: str, connection_limit: int, defaults: Mapping[str, str]
) -> None:
    name = sql.Identifier(role)
    connection.execute(
        sql.SQL("create role {} login connection limit {} {} in role {}").format(
            name, sql.Literal(connection_limit), RESTRICTIONS, sql.Identifier(READER)
        )
    )
    set_password(connection, role, password)
    for parameter, value in defaults.items():
        # search_path is a list of names; quoted as one literal it would be one odd name.
        literal = sql.SQL(value) if parameter == "search_path" else sql.Literal(value)
        connection.execute(sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(parameter), literal))
    _limit_temporary_files(connection, name)
    _let_owner_end_sessions(connection, role)


def set_logins(connection: Connection, roles: Sequence[str], *, may_log_in: bool) -> None:
    verb = sql.SQL("login" if may_log_in else "nologin")
    for role in roles:
        connection.execute(sql.SQL("alter role {} {}").format(sql.Identifier(role), verb))
    if not may_log_in:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = any(%s)", [list(roles)]
        )


def watch_readers(connection: Connection) -> None:
    """Readers made before there was a watchdog come under it."""
    if connection.execute("select to_regclass('control.reader_roles')").fetchone() == (None,):
        return
    unwatched = connection.execute(
        "select role_name from control.reader_roles where not pg_has_role(%s, role_name, 'usage')", [OWNER]
    ).fetchall()
    for (role,) in unwatched:
        _let_owner_end_sessions(connection, role)


def _let_owner_end_sessions(connection: Connection, role: str) -> None:
    """As a member it may; it cannot become the reader."""
    membership = sql.SQL("grant {} to {} with inherit true, set false")
    connection.execute(membership.format(sql.Identifier(role), sql.Identifier(OWNER)))


def _limit_temporary_files(connection: Connection, name: sql.Identifier) -> None:
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("alter role {} set temp_file_limit = {}").format(name, sql.Literal(TEMP_FILE_LIMIT))
            )
    except errors.InsufficientPrivilege:
        # Only a superuser may, and a managed database gives none: `lyceum doctor` says so.
        return
