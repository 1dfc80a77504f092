"""dbt's exposures say which marts each dashboard is made from: so they do what the dashboards do."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboards.joins import JOINS
from dashboards.reading import read_assets

EXPOSURES = Path(str(files("dbt_project"))) / "models" / "marts" / "_exposures.yml"


def exposures() -> dict[str, Any]:
    said = msgspec.yaml.decode(EXPOSURES.read_bytes())["exposures"]
    return {one["name"]: one for one in said}


def test_exposures__are_the_dashboards() -> None:
    assert exposures().keys() == read_assets().dashboards.keys()


@pytest.mark.parametrize("name", sorted(read_assets().dashboards))
def test_exposures__name_the_marts(name: str) -> None:
    assets = read_assets()
    used = {chart.dataset for path, chart in assets.charts.items() if path.startswith(f"{name}/")}
    used |= {one.dataset for one in assets.dashboards[name].filters if one.dataset}
    joins = [JOINS[each] for dataset in used for each in assets.datasets[dataset].names]
    joined = {join.dimension for join in joins if join.schema is None}
    named = {re.sub(r"ref\('(\w+)'\)", r"\1", one) for one in exposures()[name]["depends_on"]}
    assert named == used | joined


@pytest.mark.parametrize("name", sorted(read_assets().dashboards))
def test_exposures__say_the_same(name: str) -> None:
    dashboard, exposure = read_assets().dashboards[name], exposures()[name]
    assert (exposure["label"], exposure["description"]) == (dashboard.title, dashboard.about)
