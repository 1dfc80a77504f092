"""Whether every dashboard, chart, dataset, mart and column that something names is there, and nothing lies around."""

from collections import Counter
from collections.abc import Iterator

from dashboards.asset import Assets, Dashboard, Dataset
from dashboards.bundle import columns_of
from dashboards.joins import JOINS, keys_of
from dashboards.layout import COLUMNS
from dashboards.marts import read_marts
from dashboards.naming import named_by_chart, names_in_sql
from dashboards.rules import ROLES


def check(assets: Assets) -> Iterator[str]:
    """Each problem as a sentence that begins with its file."""
    for name in assets.datasets:
        yield from (f"datasets/{name}.yaml: {problem}" for problem in _dataset(assets, name))
    for name in assets.charts:
        yield from (f"charts/{name}.yaml: {problem}" for problem in _chart(assets, name))
    for name, dashboard in assets.dashboards.items():
        yield from (f"dashboards/{name}.yaml: {problem}" for problem in _dashboard(assets, name, dashboard))
    yield from _orphans(assets)


def _dataset(assets: Assets, name: str) -> Iterator[str]:
    if name not in read_marts():
        yield f"there is no mart {name}"
        return
    dataset = assets.datasets[name]
    if unknown := [one for one in dataset.names if one not in JOINS]:
        yield f"nothing is known of the names {', '.join(unknown)}"
        return
    own = {column.name for column in read_marts()[name].columns}
    columns = set(columns_of(assets, name))
    for joined in dataset.names:
        if missing := set(keys_of(joined)) - own:
            yield f"the mart has no {', '.join(sorted(missing))} by which it would have a {joined}"
    if dataset.time is not None and dataset.time not in columns:
        yield f"time is the column {dataset.time}, which is not there"
    yield from _written(dataset, columns)


def _written(dataset: Dataset, columns: set[str]) -> Iterator[str]:
    for label in dataset.labels.keys() - columns:
        yield f"a label is given to the column {label}, which is not there"
    for kind, found in (("column", dataset.columns), ("metric", dataset.metrics)):
        for key, one in found.items():
            for name in sorted(names_in_sql(one.sql) - columns):
                yield f"the {kind} {key} uses the column {name}, which is not there"


def _chart(assets: Assets, name: str) -> Iterator[str]:
    chart = assets.charts[name]
    if chart.dataset not in assets.datasets:
        yield f"there is no dataset {chart.dataset}"
    elif chart.dataset in read_marts():
        known = {*columns_of(assets, chart.dataset), *assets.datasets[chart.dataset].metrics}
        for missing in sorted(named_by_chart(chart.params) - known):
            yield f"the dataset {chart.dataset} has no column or metric {missing}"


def _dashboard(assets: Assets, name: str, dashboard: Dashboard) -> Iterator[str]:
    shown = Counter(chart for row in dashboard.rows for chart in row.charts)
    for chart, times in shown.items():
        if f"{name}/{chart}" not in assets.charts:
            yield f"there is no charts/{name}/{chart}.yaml"
        elif times > 1:
            yield f"the chart {chart} is shown twice"
    for row in dashboard.rows:
        if sum(row.charts.values()) > COLUMNS:
            yield f"the row of {', '.join(row.charts)} is wider than {COLUMNS} columns"
    for role in set(dashboard.roles) - set(ROLES):
        yield f"there is no role {role}"
    if not dashboard.roles:
        yield "it is open to no role"
    yield from _filters(assets, dashboard, set(shown))
    yield from _sights(assets, name, dashboard)


def _filters(assets: Assets, dashboard: Dashboard, shown: set[str]) -> Iterator[str]:
    labels = {one.label for one in dashboard.filters}
    for one in dashboard.filters:
        for parent in set(one.under) - labels:
            yield f"the filter {one.label} is under {parent}, which is not there"
        for chart in set(one.except_charts) - shown:
            yield f"the filter {one.label} leaves alone {chart}, which is not shown"
        if one.column is None:
            continue
        if one.dataset not in assets.datasets:
            yield f"the filter {one.label} is of the dataset {one.dataset}, which is not there"
        elif one.column not in columns_of(assets, one.dataset):
            yield f"the filter {one.label} is of the column {one.column}, which {one.dataset} has not"
        elif one.order and one.order not in assets.datasets[one.dataset].metrics:
            yield f"the filter {one.label} is in the order of {one.order}, which {one.dataset} has not"


def _sights(assets: Assets, name: str, dashboard: Dashboard) -> Iterator[str]:
    """A role that may open a dashboard sees something in each of its charts."""
    for row in dashboard.rows:
        for key in row.charts:
            chart = assets.charts.get(f"{name}/{key}")
            if chart is None or chart.dataset not in assets.datasets or chart.dataset not in read_marts():
                continue
            if chart.dataset.startswith("ops_") != (dashboard.roles == ["Operator"]):
                yield f"the chart {key} is of {chart.dataset}: the operator sees ops_ marts only, and nobody else does"
            elif "Instructor" in dashboard.roles and "course_id" not in columns_of(assets, chart.dataset):
                yield f"the chart {key} is of {chart.dataset}, which has no course: an instructor sees nothing of it"


def _orphans(assets: Assets) -> Iterator[str]:
    shown = {f"{name}/{chart}" for name, one in assets.dashboards.items() for row in one.rows for chart in row.charts}
    for name in sorted(assets.charts.keys() - shown):
        yield f"charts/{name}.yaml: no dashboard shows it"
    used = {chart.dataset for chart in assets.charts.values()}
    used |= {one.dataset for dashboard in assets.dashboards.values() for one in dashboard.filters}
    for name in sorted(assets.datasets.keys() - used):
        yield f"datasets/{name}.yaml: no chart and no filter uses it"
