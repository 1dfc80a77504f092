"""The tables of a database and how many rows each has: a hypertable or a partitioned table is one."""

from collections.abc import Mapping

from psycopg import Connection, sql

from core.errors import UserError

# Not the server's own, not the extension's, and not what belongs to one that is installed.
LIST = """
select namespace.nspname, class.relname
from pg_class as class inner join pg_namespace as namespace on class.relnamespace = namespace.oid
where class.relkind in ('r', 'p') and not class.relispartition
    and namespace.nspname !~ '^(pg_|information_schema$|_?timescaledb_)'
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = class.oid and deptype = 'e')
order by 1, 2
"""
SCHEMAS = """
select nspname from pg_namespace as namespace
where nspname !~ '^(pg_|information_schema$|_?timescaledb_)' and nspname <> 'public'
    and not exists (
        select from pg_depend where classid = 'pg_namespace'::regclass and objid = namespace.oid and deptype = 'e'
    )
order by 1
"""


def list_tables(connection: Connection) -> list[tuple[str, str]]:
    return connection.execute(LIST).fetchall()


def list_schemas(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(SCHEMAS)]


def count_rows(connection: Connection) -> dict[str, int]:
    return {f"{schema}.{table}": _count(connection, schema, table) for schema, table in list_tables(connection)}


def refuse_difference(wanted: Mapping[str, int], found: Mapping[str, int]) -> None:
    different = [
        f"{name} has {found.get(name, 0)} rows instead of {wanted.get(name, 0)}"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]
    if different:
        raise UserError(
            f"The restored database is not what was backed up: {'; '.join(different[:5])}.",
            "Did something write to it meanwhile? Restore again into a new database.",
        )


def _count(connection: Connection, schema: str, table: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
    return int(row[0]) if row else 0
