"""A row of a tenant in every table that could have one, whatever the table is: its columns say what goes there."""

from typing import Any
from uuid import uuid4

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from tests.harness.planting import NOW

# Hypertables' chunks and partitions are filled by way of what they are parts of.
TABLES = """
select namespace.nspname::text, class.relname::text
from pg_class as class
inner join pg_namespace as namespace on class.relnamespace = namespace.oid
inner join pg_attribute as attribute on class.oid = attribute.attrelid
where class.relkind in ('r', 'p') and not class.relispartition and attribute.attname = 'tenant_id'
    and namespace.nspname !~ '^(pg_|_timescaledb)'
order by 1, 2
"""
COLUMNS = """
select attname::text, format_type(coalesce(nullif(typbasetype, 0), atttypid), null)
from pg_attribute inner join pg_type on atttypid = pg_type.oid
where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
"""
RULES = "select conname::text from pg_constraint where conrelid = %s::regclass and contype in ('c', 'u')"
Place = tuple[str, str]


def fill(connection: Connection, tenant_id: int, mark: str) -> list[Place]:
    """As an administrator, in a database for this only. Tables that have a row of the tenant keep what they have."""
    connection.execute("set session_replication_role = replica")
    tables = connection.execute(TABLES).fetchall()
    for place in tables:
        table = sql.Identifier(*place)
        count = sql.SQL("select exists (select from {} where tenant_id = %s)").format(table)
        if connection.execute(count, [tenant_id]).fetchone() == (False,):
            _insert(connection, table, tenant_id, mark)
    connection.execute("reset session_replication_role")
    return tables


def _insert(connection: Connection, table: sql.Identifier, tenant_id: int, mark: str) -> None:
    # What a value must be like is not looked at here: nobody would know how to make it up.
    for (rule,) in connection.execute(RULES, [table.as_string(connection)]).fetchall():
        connection.execute(sql.SQL("alter table {} drop constraint {}").format(table, sql.Identifier(rule)))
    columns = connection.execute(COLUMNS, [table.as_string(connection)]).fetchall()
    row = {name: tenant_id if name == "tenant_id" else _value(kind, mark) for name, kind in columns}
    names = sql.SQL(", ").join(sql.Identifier(name) for name in row)
    places = sql.SQL(", ").join(sql.SQL("%s") for _ in row)
    command = sql.SQL("insert into {} ({}) values ({})").format(table, names, places)
    connection.execute(command, list(row.values()))


def _value(kind: str, mark: str) -> Any:
    if kind.endswith("[]"):
        return [_value(kind.removesuffix("[]"), mark)]
    values: dict[str, Any] = {
        "boolean": True, "date": NOW.date(), "timestamp with time zone": NOW,
        "timestamp without time zone": NOW.replace(tzinfo=None), "uuid": uuid4(), "bytea": bytes(32),
        "json": Jsonb({"note": mark}), "jsonb": Jsonb({"note": mark}), "interval": "1 hour", "name": mark[:60],
    }  # fmt: skip
    numbers = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
    return 1 if kind in numbers else values.get(kind, mark)
