"""A dashboard's rows -> the tree of parts that Superset lays out."""

from collections.abc import Mapping
from typing import Any

from dashboards.asset import Dashboard, Row

COLUMNS = 12
# Superset's names of what every layout begins with.
ROOT, GRID, HEAD = "ROOT_ID", "GRID_ID", "HEADER_ID"

Position = dict[str, Any]


def position_of(dashboard: Dashboard, uuids: Mapping[str, str], titles: Mapping[str, str]) -> Position:
    """`uuids` and `titles` of its charts, by their names."""
    rows = [_row(number, row, uuids, titles) for number, row in enumerate(dashboard.rows, 1)]
    tree: Position = {
        "DASHBOARD_VERSION_KEY": "v2",
        ROOT: {"type": "ROOT", "id": ROOT, "children": [GRID]},
        HEAD: {"type": "HEADER", "id": HEAD, "meta": {"text": dashboard.title}},
        GRID: {"type": "GRID", "id": GRID, "parents": [ROOT], "children": [next(iter(row)) for row in rows]},
    }
    for row in rows:
        tree |= row
    return tree


def _row(number: int, row: Row, uuids: Mapping[str, str], titles: Mapping[str, str]) -> Position:
    """The row itself comes first."""
    if row.heading:
        return _part(f"HEADER-{number}", "HEADER", [], {"text": row.heading, "headerSize": "MEDIUM_HEADER"})
    name = f"ROW-{number}"
    inner = [_text(number, row)] if row.text else [_chart(row, chart, uuids, titles) for chart in row.charts]
    tree = _part(name, "ROW", [next(iter(part)) for part in inner], {"background": "BACKGROUND_TRANSPARENT"})
    for part in inner:
        part[next(iter(part))]["parents"] = [ROOT, GRID, name]
        tree |= part
    return tree


def _part(name: str, kind: str, children: list[str], meta: dict[str, Any]) -> Position:
    return {name: {"type": kind, "id": name, "parents": [ROOT, GRID], "children": children, "meta": meta}}


def _text(number: int, row: Row) -> Position:
    return _part(f"MARKDOWN-{number}", "MARKDOWN", [], {"code": row.text, "width": COLUMNS, "height": row.height})


def _chart(row: Row, chart: str, uuids: Mapping[str, str], titles: Mapping[str, str]) -> Position:
    meta = {
        "uuid": uuids[chart],
        "sliceName": titles[chart],
        "width": row.charts[chart],
        "height": row.height,
        # Superset puts its own in place of this; it serves to tell charts apart until then.
        "chartId": list(uuids).index(chart) + 1,
    }
    return _part(f"CHART-{chart}", "CHART", [], meta)
