"""The marts' columns, as dbt's descriptions of them say."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

MODELS = Path(str(files("dbt_project"))) / "models" / "marts"


class Column(msgspec.Struct, frozen=True):
    name: str
    description: str
    data_type: str


class Mart(msgspec.Struct, frozen=True):
    name: str
    description: str
    columns: list[Column]


class _Models(msgspec.Struct):
    models: list[Mart]


@cache
def read_marts() -> dict[str, Mart]:
    described = (msgspec.yaml.decode(path.read_bytes(), type=_Models) for path in MODELS.glob("*/_models.yml"))
    return {mart.name: mart for models in described for mart in models.models}
