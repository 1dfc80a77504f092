"""Assets -> the documents that Superset imports, with who may open which and who sees which rows."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from dashboards.asset import Assets, Calculated, Chart, Dashboard, Dataset, uuid_of
from dashboards.filters import native_filters
from dashboards.joins import select, shown_by
from dashboards.layout import position_of
from dashboards.marts import Column, read_marts
from dashboards.rules import Rule, rule_for

VERSION = "1.0.0"
DEFAULTS = Path(__file__).parent / "defaults.yaml"
TEMPORAL = {"date", "timestamp with time zone", "timestamp without time zone"}

Document = dict[str, Any]


class Bundle(msgspec.Struct, frozen=True):
    # By the path that Superset's import knows them by.
    documents: dict[str, Document]
    # By the uuid of a dashboard.
    roles: dict[str, list[str]]
    # By the uuid of a dataset.
    rules: dict[str, Rule]


def make_bundle(assets: Assets, address: str) -> Bundle:
    """`address`: the database as Superset names it, without a login."""
    documents: dict[str, Document] = {"metadata.yaml": {"version": VERSION, "type": "assets"}}
    for name in assets.databases:
        documents[f"databases/{name}.yaml"] = _database(assets, name, address)
    for name in assets.datasets:
        documents[f"datasets/{name}.yaml"] = _dataset(assets, name)
    for name in assets.charts:
        documents[f"charts/{name}.yaml"] = _chart(assets, name)
    for name in assets.dashboards:
        documents[f"dashboards/{name}.yaml"] = _dashboard(assets, name)
    return Bundle(
        documents,
        {_uuid(assets, "dashboards", name): dashboard.roles for name, dashboard in assets.dashboards.items()},
        {_uuid(assets, "datasets", name): rule_for(name, columns_of(assets, name)) for name in assets.datasets},
    )


def columns_of(assets: Assets, name: str) -> list[str]:
    """Of a dataset, however they come about."""
    return [column["column_name"] for column in _columns(name, assets.datasets[name])]


@cache
def defaults() -> dict[str, dict[str, Any]]:
    return msgspec.yaml.decode(DEFAULTS.read_bytes(), type=dict[str, dict[str, Any]])


def _uuid(assets: Assets, kind: str, name: str) -> str:
    return str(uuid_of(kind, name, getattr(assets, kind)[name]))


def _database(assets: Assets, name: str, address: str) -> Document:
    return {
        "database_name": assets.databases[name].name,
        "sqlalchemy_uri": address,
        "uuid": _uuid(assets, "databases", name),
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_run_async": False,
        "extra": {"allows_virtual_table_explore": True},
        "version": VERSION,
    }


def _dataset(assets: Assets, name: str) -> Document:
    dataset, mart = assets.datasets[name], read_marts()[name]
    database = next(iter(assets.databases))
    schema = assets.databases[database].schema
    return {
        "table_name": name,
        "description": mart.description,
        "main_dttm_col": dataset.time,
        "schema": schema,
        "sql": select(schema, name, [column.name for column in mart.columns], dataset.names),
        "uuid": _uuid(assets, "datasets", name),
        "database_uuid": _uuid(assets, "databases", database),
        "columns": _columns(name, dataset),
        "metrics": [
            {
                "metric_name": key,
                "verbose_name": metric.label,
                "expression": metric.sql,
                "description": metric.about,
                "d3format": metric.format or None,
            }
            for key, metric in dataset.metrics.items()
        ],
        "filter_select_enabled": True,
        "version": VERSION,
    }


def _columns(name: str, dataset: Dataset) -> list[Document]:
    marts = [_column(column, dataset) for column in read_marts()[name].columns]
    shown = [_column(Column(one.name, one.about, one.type), dataset) for one in shown_by(dataset.names)]
    return [*marts, *shown, *(_calculated(key, column) for key, column in dataset.columns.items())]


def _column(column: Column, dataset: Dataset) -> Document:
    return {
        "column_name": column.name,
        "verbose_name": dataset.labels.get(column.name) or column.name.replace("_", " ").capitalize(),
        "description": " ".join(column.description.split()),
        "type": column.data_type.upper(),
        "is_dttm": column.data_type in TEMPORAL,
        "groupby": True,
        "filterable": True,
        "is_active": True,
    }


def _calculated(name: str, column: Calculated) -> Document:
    plain = _column(Column(name, column.about, column.type), Dataset(labels={name: column.label}))
    return plain | {"expression": column.sql}


def _chart(assets: Assets, name: str) -> Document:
    chart = assets.charts[name]
    return {
        "slice_name": chart.title,
        "description": chart.about,
        "viz_type": chart.viz,
        "params": params_of(chart, assets.datasets[chart.dataset]),
        "uuid": _uuid(assets, "charts", name),
        "dataset_uuid": _uuid(assets, "datasets", chart.dataset),
        "version": VERSION,
    }


def params_of(chart: Chart, dataset: Dataset) -> dict[str, Any]:
    """With what is usual for its kind, and under the dashboard's dates where its dataset has any."""
    params = {**defaults().get(chart.viz, {}), "viz_type": chart.viz, **chart.params}
    if (dates := dates_of(dataset)) is not None:
        params["adhoc_filters"] = [*params.get("adhoc_filters", []), dates]
    return params


def dates_of(dataset: Dataset) -> dict[str, str] | None:
    """What puts a chart of it under the dashboard's dates."""
    if dataset.time is None:
        return None
    kind = {"clause": "WHERE", "expressionType": "SIMPLE", "operator": "TEMPORAL_RANGE"}
    return {**kind, "subject": dataset.time, "comparator": "No filter"}


def _dashboard(assets: Assets, name: str) -> Document:
    dashboard = assets.dashboards[name]
    charts = {chart: assets.charts[f"{name}/{chart}"] for row in dashboard.rows for chart in row.charts}
    uuids = {chart: _uuid(assets, "charts", f"{name}/{chart}") for chart in charts}
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.about,
        "slug": name.replace("_", "-"),
        "css": assets.theme.css,
        "uuid": _uuid(assets, "dashboards", name),
        "position": position_of(dashboard, uuids, {key: chart.title for key, chart in charts.items()}),
        "metadata": {
            "cross_filters_enabled": True,
            "refresh_frequency": 0,
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": _filters(assets, dashboard, charts),
        },
        "published": True,
        "version": VERSION,
    }


def _filters(assets: Assets, dashboard: Dashboard, charts: Mapping[str, Chart]) -> list[Document]:
    numbers = {chart: number for number, chart in enumerate(charts, 1)}
    left_alone = {
        one.label: [
            numbers[key]
            for key, chart in charts.items()
            if key in one.except_charts or not _applies(assets, one.column, chart)
        ]
        for one in dashboard.filters
    }
    uuids = {name: _uuid(assets, "datasets", name) for name in assets.datasets}
    return native_filters(dashboard.filters, uuids, left_alone)


def _applies(assets: Assets, column: str | None, chart: Chart) -> bool:
    if column is None:
        return assets.datasets[chart.dataset].time is not None
    return column in columns_of(assets, chart.dataset)
