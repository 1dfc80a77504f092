"""Looks at what comes out of a database, whatever form it comes in."""

from psycopg import Connection, Error, sql

from tests.harness.database import Database


def everything(connection: Connection, query: sql.Composed) -> str:
    """What comes out, be it rows or an error."""
    try:
        cursor = connection.execute(query)
        return repr(cursor.fetchall()) if cursor.description else ""
    except Error as error:
        return repr((str(error), error.diag.message_detail, error.diag.context))


def relations(database: Database) -> list[tuple[str, str]]:
    with database.admin() as connection:
        return connection.execute(
            "select nspname, relname from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid "
            "where relkind in ('r', 'p', 'v', 'm', 'f', 'S', 't')"
        ).fetchall()
