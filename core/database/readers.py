"""The one database login of a tenant, which analysts and Superset use, and which sees that tenant's rows only."""

from psycopg import Connection, errors, sql

from core.database.roles import READER, RESTRICTIONS, set_password
from core.secrets import SecretKey, new_role_name

CONNECTION_LIMIT = 30

# What a session may undo for itself. What holds is its grants, the connection limit and temp_file_limit.
DEFAULTS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "search_path": "marts, tenant, lms",
}
TEMP_FILE_LIMIT = "2GB"


def create_reader(connection: Connection, tenant_id: int, key: SecretKey) -> str:
    role = new_role_name()
    name = sql.Identifier(role)
    connection.execute(
        sql.SQL("create role {} login connection limit {} {} in role {}").format(
            name, sql.Literal(CONNECTION_LIMIT), RESTRICTIONS, sql.Identifier(READER)
        )
    )
    set_password(connection, role, key.reader_password(role))
    for parameter, value in DEFAULTS.items():
        # search_path is a list of names; quoted as one literal it would be one odd name.
        literal = sql.SQL(value) if parameter == "search_path" else sql.Literal(value)
        connection.execute(sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(parameter), literal))
    _limit_temporary_files(connection, name)
    connection.execute("insert into control.reader_roles (tenant_id, role_name) values (%s, %s)", [tenant_id, role])
    return role


def set_reader_login(connection: Connection, role: str, *, may_log_in: bool) -> None:
    verb = sql.SQL("login" if may_log_in else "nologin")
    connection.execute(sql.SQL("alter role {} {}").format(sql.Identifier(role), verb))
    if not may_log_in:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [role])


def _limit_temporary_files(connection: Connection, name: sql.Identifier) -> None:
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("alter role {} set temp_file_limit = {}").format(name, sql.Literal(TEMP_FILE_LIMIT))
            )
    except errors.InsufficientPrivilege:
        # Only a superuser may, and a managed database gives none: `lyceum doctor` says so.
        return
