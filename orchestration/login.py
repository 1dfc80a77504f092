"""The login of those who make the marts."""

from psycopg import Connection, OperationalError, connect

from core.database.address import DatabaseUnreachableError, describe, role_conninfo
from core.errors import UserError
from core.settings import Settings

ROLE = "lyceum_transform"


def transform_connection(settings: Settings) -> Connection:
    """Each command by itself, unless within `transaction()`."""
    conninfo = role_conninfo(settings.database, ROLE)
    try:
        connection = connect(conninfo, autocommit=True)
    except OperationalError as error:
        raise DatabaseUnreachableError(
            f"The database at {describe(conninfo)} cannot be reached: {str(error).strip().splitlines()[0]}.",
            "Is it running and migrated? `lyceum status` and `lyceum migrate` say so.",
        ) from error
    row = connection.execute("select to_regclass('intermediate.position')").fetchone()
    if row is None or row[0] is None:
        connection.close()
        raise UserError("The database has no place for the marts yet.", "Run `lyceum migrate`.")
    return connection
