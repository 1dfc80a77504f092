"""What is exported: the statements, and each mart. Which months of it there are, and whether they are as they were."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
from psycopg import Connection, sql

from lake.columns import Column, quoted

# Marts that grow with the statements, and the time by which they are divided. Others are one file.
MONTHS_BY = {
    "fct_statements": "stored",
    "fct_statement_learners": "occurred_at",
    "fct_sessions": "started_at",
    "fct_daily_engagement": "day",
}
# What says nothing of any tenant. Another table without a tenant is left out, whoever may read it.
OF_NOBODY = {"dim_date"}
WHOLE = "all"
# Broken clocks say any year; these share one file.
UNDATED = "undated"
FIRST_YEAR = 2000

Typed = Callable[[pa.Table], pa.Table]


class Table(NamedTuple):
    """`relation` is what is read from, `months_by` the column by which it is divided."""

    name: str
    relation: str
    columns: Sequence[Column]
    description: str | None
    months_by: str | None = None
    order_by: str | None = None
    is_of_tenant: bool = True
    # What is made of a slice before it is written.
    typed: Typed | None = None
    descriptions: Mapping[str, str] = {}

    def query(self, tenant_id: int, month: str) -> str:
        names = ", ".join(f"{column.expression} as {quoted(column.name)}" for column in self.columns)
        order = f" order by {self.order_by}" if self.order_by else ""
        return f"select {names} from {self.relation} as source where {self.condition(tenant_id, month)}{order}"

    def condition(self, tenant_id: int, month: str) -> str:
        mine = f"source.tenant_id = {tenant_id}" if self.is_of_tenant else "true"
        return mine if month == WHOLE or self.months_by is None else f"{mine} and {_within(self.months_by, month)}"


def _within(column: str, month: str) -> str:
    if month == UNDATED:
        return f"(source.{column} is null or source.{column} < '{FIRST_YEAR}-01-01 00:00:00+00')"
    year, number = (int(part) for part in month.split("-"))
    after = f"{year + number // 12}-{number % 12 + 1:02}"
    return f"source.{column} >= '{month}-01 00:00:00+00' and source.{column} < '{after}-01 00:00:00+00'"


MARTS = """
select class.relname::text, class.oid, obj_description(class.oid, 'pg_class')
from pg_class as class
where class.relnamespace = to_regnamespace('marts') and class.relkind = 'r' and class.relname <> 'refreshes'
    -- The operator's are nobody else's.
    and has_table_privilege('lyceum_reader', class.oid, 'select')
order by class.relname
"""
COLUMNS = """
select attname::text, format_type(atttypid, null), col_description(attrelid, attnum)
from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attnum
"""


def find_marts(connection: Connection) -> list[Table]:
    found = [_mart(connection, *row) for row in connection.execute(MARTS).fetchall()]
    return [mart for mart in found if mart.is_of_tenant or mart.name in OF_NOBODY]


def _mart(connection: Connection, name: str, oid: int, description: str | None) -> Table:
    columns = [Column(*row) for row in connection.execute(COLUMNS, [oid]).fetchall()]
    names = {column.name for column in columns}
    return Table(
        name=name,
        relation=f"marts.{quoted(name)}",
        columns=[column for column in columns if column.name != "tenant_id"],
        description=description,
        months_by=by if (by := MONTHS_BY.get(name)) in names else None,
        is_of_tenant="tenant_id" in names,
        descriptions={column.name: column.description for column in columns if column.description},
    )


def lock_marts(connection: Connection, marts: Sequence[Table]) -> None:
    """None is swapped for another while it is read."""
    for mart in marts:
        connection.execute(sql.SQL("lock table {} in access share mode").format(sql.Identifier("marts", mart.name)))


def mart_states(connection: Connection, mart: Table, tenant_id: int) -> dict[str, str]:
    """By month. A row that is written anew has a greater xmin, so number and sum tell any change."""
    rows = connection.execute(
        f"select {_month(mart.months_by)} as month, count(*), sum(source.xmin::text::bigint) "
        f"from {mart.relation} as source where {mart.condition(tenant_id, WHOLE)} group by 1"
    ).fetchall()
    return {month: f"{count} {written}" for month, count, written in rows}


def _month(column: str | None) -> str:
    if column is None:
        return f"'{WHOLE}'"
    return (
        f"case when source.{column} >= '{FIRST_YEAR}-01-01 00:00:00+00' "
        f"then to_char(source.{column}::timestamptz at time zone 'UTC', 'YYYY-MM') else '{UNDATED}' end"
    )
