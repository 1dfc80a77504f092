"""What a database holds, in texts that two databases can be compared by."""

from psycopg import Connection, sql

from backup.tables import list_tables


def contents(connection: Connection) -> dict[str, list[str]]:
    """Each row of each table as text."""
    return {f"{schema}.{table}": _rows(connection, schema, table) for schema, table in list_tables(connection)}


def _rows(connection: Connection, schema: str, table: str) -> list[str]:
    query = sql.SQL("select line::text from {} as line order by line::text collate \"C\"")
    return [line for (line,) in connection.execute(query.format(sql.Identifier(schema, table)))]
