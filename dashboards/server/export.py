"""What Superset has of the published dashboards, as JSON: `python -m dashboards.server.export`."""

import sys
from typing import Any

import msgspec

from dashboards.server.publish import find_publisher


def main() -> None:
    from superset.app import create_app  # noqa: PLC0415 - it configures itself as it is imported

    with create_app().app_context():
        sys.stdout.write(msgspec.json.encode(export()).decode() + "\n")


def export() -> dict[str, dict[str, Any]]:
    """By uuid. Charts that people added to a published dashboard are among them."""
    from superset import db  # noqa: PLC0415
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415
    from superset.models.dashboard import Dashboard  # noqa: PLC0415

    ours = {"created_by_fk": find_publisher().id}
    boards = db.session.query(Dashboard).filter_by(**ours).all()
    charts = {str(chart.uuid): chart for board in boards for chart in board.slices}
    return {
        "dashboards": {str(board.uuid): _dashboard(board) for board in boards},
        "charts": {uuid: _chart(chart) for uuid, chart in charts.items()},
        "datasets": {str(one.uuid): _dataset(one) for one in db.session.query(SqlaTable).filter_by(**ours)},
    }


def _dashboard(board: Any) -> dict[str, Any]:
    position = msgspec.json.decode(board.position_json or "{}")
    return {"title": board.dashboard_title, "about": board.description or "", "position": position}


def _chart(chart: Any) -> dict[str, Any]:
    return {
        "title": chart.slice_name,
        "about": chart.description or "",
        "viz": chart.viz_type,
        "dataset": chart.datasource.table_name,
        "params": msgspec.json.decode(chart.params or "{}"),
    }


def _dataset(dataset: Any) -> dict[str, Any]:
    return {
        "metrics": {
            one.metric_name: {
                "label": one.verbose_name or one.metric_name,
                "sql": one.expression,
                "about": one.description or "",
                "format": one.d3format or "",
            }
            for one in dataset.metrics
        },
        "columns": {
            one.column_name: {
                "label": one.verbose_name or one.column_name,
                "sql": one.expression,
                "type": (one.type or "").lower(),
                "about": one.description or "",
            }
            for one in dataset.columns
            if one.expression
        },
    }


if __name__ == "__main__":
    main()
