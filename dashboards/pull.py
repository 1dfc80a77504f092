"""What was edited in Superset -> the files under assets/. A file whose asset is as it was is not touched."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from core.errors import UserError
from core.settings import Settings
from dashboards.asset import Asset, Assets, Calculated, Chart, Metric, Row, uuid_of
from dashboards.layout import GRID
from dashboards.plain import plain_params
from dashboards.publish import run_in_superset
from dashboards.reading import ASSETS, read_assets


class Edited(msgspec.Struct, frozen=True):
    """As dashboards/server/export.py writes it, by uuid."""

    dashboards: dict[str, dict[str, Any]]
    charts: dict[str, dict[str, Any]]
    datasets: dict[str, dict[str, Any]]


def pull(settings: Settings, variables: Mapping[str, str], folder: Path = ASSETS) -> list[str]:
    """The files that were written."""
    answer = run_in_superset(settings, variables, "dashboards.server.export")
    return write_edited(msgspec.json.decode(answer, type=Edited), folder)


def write_edited(edited: Edited, folder: Path) -> list[str]:
    assets, written = read_assets(folder), []
    for name, now in _assets(edited, assets):
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.yaml.encode(now))
        written.append(f"{name}.yaml")
    return written


def _assets(edited: Edited, assets: Assets) -> Iterator[tuple[str, Asset]]:
    """Those that differ from their files."""
    names = {str(uuid_of("charts", name, chart)): name for name, chart in assets.charts.items()}
    for name, board in assets.dashboards.items():
        found = edited.dashboards.get(str(uuid_of("dashboards", name, board)))
        if found is None:
            continue
        for uuid in _uuids(found["position"]):
            if uuid in edited.charts:
                names.setdefault(uuid, f"{name}/{_slug(edited.charts[uuid]['title'])}")
        now = msgspec.structs.replace(
            board, title=found["title"], about=found["about"], rows=_rows(name, found["position"], names)
        )
        if now != board:
            yield f"dashboards/{name}", now
    yield from _charts(edited, assets, names)
    yield from _datasets(edited, assets)


def _charts(edited: Edited, assets: Assets, names: Mapping[str, str]) -> Iterator[tuple[str, Asset]]:
    for uuid, found in edited.charts.items():
        if uuid not in names or found["dataset"] not in assets.datasets:
            continue
        before = assets.charts.get(names[uuid])
        dataset = assets.datasets[found["dataset"]]
        now = Chart(
            title=found["title"],
            about=found["about"],
            dataset=found["dataset"],
            viz=found["viz"],
            params=plain_params(found["params"], found["viz"], dataset, before),
            uuid=before.uuid if before else UUID(uuid),
        )
        if now != before:
            yield f"charts/{names[uuid]}", now


def _datasets(edited: Edited, assets: Assets) -> Iterator[tuple[str, Asset]]:
    for name, before in assets.datasets.items():
        found = edited.datasets.get(str(uuid_of("datasets", name, before)))
        if found is None:
            continue
        now = msgspec.structs.replace(
            before,
            metrics=msgspec.convert(found["metrics"], dict[str, Metric]),
            columns=msgspec.convert(found["columns"], dict[str, Calculated]),
        )
        if now != before:
            yield f"datasets/{name}", now


def _rows(name: str, position: Mapping[str, Any], names: Mapping[str, str]) -> list[Row]:
    return [_row(name, position, position[part], names) for part in position[GRID]["children"]]


def _row(name: str, position: Mapping[str, Any], part: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    if part["type"] == "HEADER":
        return Row(heading=part["meta"]["text"])
    inner = [position[child] for child in part["children"]]
    if len(inner) == 1 and inner[0]["type"] == "MARKDOWN":
        return Row(text=inner[0]["meta"]["code"], height=inner[0]["meta"]["height"])
    if part["type"] != "ROW" or any(one["type"] != "CHART" for one in inner):
        raise UserError(
            f"The dashboard {name} has a part that its file cannot hold: {part['type'].lower()}.",
            "Use rows of charts, headings, and texts with a row of their own.",
        )
    height = max(one["meta"]["height"] for one in inner)
    charts = {names[one["meta"]["uuid"]].partition("/")[2]: one["meta"]["width"] for one in inner}
    return Row(charts=charts, height=height)


def _uuids(position: Mapping[str, Any]) -> Iterator[str]:
    for part in position.values():
        if isinstance(part, dict) and part.get("type") == "CHART":
            yield part["meta"]["uuid"]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40]
