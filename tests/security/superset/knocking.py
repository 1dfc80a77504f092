"""Who knocks at what, and what may come out: the means of the attempts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.harness.database import Database

Payload = dict[str, Any]

DATASETS = """
select tables.id, tables.table_name, array_agg(table_columns.column_name::text order by table_columns.column_name)
from superset.tables inner join superset.table_columns on tables.id = table_columns.table_id
group by 1, 2 order by 2
"""
CHARTS = """
select distinct on (slices.datasource_id) slices.datasource_id, slices.id, dashboard_slices.dashboard_id
from superset.slices
inner join superset.dashboard_slices on slices.id = dashboard_slices.slice_id
inner join superset.dashboard_roles on dashboard_slices.dashboard_id = dashboard_roles.dashboard_id
inner join superset.ab_role on dashboard_roles.role_id = ab_role.id
where ab_role.name = %s
order by 1, 2, 3
"""


@dataclass(frozen=True)
class Dataset:
    number: int
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Door:
    """A dataset, and the chart and dashboard by which a role comes to it."""

    dataset: Dataset
    chart: int
    dashboard: int

    def ask(self, query: Payload, form: Mapping[str, Any] | None = None, **others: Any) -> Payload:
        return {
            "datasource": {"id": self.dataset.number, "type": "table"},
            "form_data": {"slice_id": self.chart, "dashboardId": self.dashboard} if form is None else dict(form),
            "queries": [{"row_limit": 5000, **query}],
            "result_type": "full",
            "result_format": "json",
            "force": True,
            **others,
        }


def datasets(database: Database) -> list[Dataset]:
    with database.admin() as connection:
        return [Dataset(number, name, tuple(columns)) for number, name, columns in connection.execute(DATASETS)]


def doors(database: Database, role: str) -> list[Door]:
    known = {one.number: one for one in datasets(database)}
    with database.admin() as connection:
        return [Door(known[number], *rest) for number, *rest in connection.execute(CHARTS, [role])]


def post(client: httpx.Client, payload: Payload) -> httpx.Response:
    return client.post("/api/v1/chart/data", json=payload)


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """All rows that came, of all queries."""
    try:
        result = answer.json().get("result", [])
    except (json.JSONDecodeError, AttributeError):
        return []
    parts = result if isinstance(result, list) else [result]
    return [row for part in parts if isinstance(part, dict) for row in part.get("data") or [] if isinstance(row, dict)]


def values_of(answer: httpx.Response, column: str) -> Iterator[Any]:
    return (row[column] for row in rows_of(answer) if column in row)
