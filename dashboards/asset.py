"""What the YAML under assets/ may say. A file's name is the asset's name; its uuid follows, unless it says one."""

from typing import Any
from uuid import UUID, uuid5

import msgspec

# Of no meaning but that it is ours, and never changes: all uuids hang on it.
SPACE = UUID("3e0c1b52-6f5b-4f43-9f0a-6c1d1d8f8a10")


class Asset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    # Said by those which were made in Superset and pulled.
    uuid: UUID | None = None


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    label: str
    sql: str
    about: str
    format: str = ""


class Calculated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column that the mart lacks, made of those it has."""

    label: str
    sql: str
    type: str
    about: str


class Database(Asset, frozen=True):
    name: str
    schema: str


class Dataset(Asset, frozen=True):
    # Dimensions whose names are joined to the mart's rows: see joins.py.
    names: list[str] = []
    # The column that the dashboards' dates go by.
    time: str | None = None
    labels: dict[str, str] = {}
    columns: dict[str, Calculated] = {}
    metrics: dict[str, Metric] = {}


class Chart(Asset, frozen=True):
    title: str
    about: str
    dataset: str
    viz: str
    params: dict[str, Any] = {}


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Charts and how many of the twelve columns each is wide; or a heading; or a text."""

    charts: dict[str, int] = {}
    height: int = 40
    heading: str = ""
    text: str = ""


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    label: str
    about: str = ""
    dataset: str = ""
    # None: the dates.
    column: str | None = None
    many: bool = True
    # A value, or `first`: the first one, by `order` if that is said, else of the alphabet.
    default: Any = None
    order: str = ""
    # Labels of the filters that narrow down what this one offers.
    under: list[str] = []
    # Charts that it leaves alone.
    except_charts: list[str] = []


class Dashboard(Asset, frozen=True):
    title: str
    about: str
    roles: list[str]
    filters: list[Filter] = []
    rows: list[Row] = []


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    # By the names that charts use.
    palettes: dict[str, list[str]]
    shades: dict[str, list[str]]
    tokens: dict[str, str]
    dark_tokens: dict[str, str]
    css: str


class Assets(msgspec.Struct, frozen=True):
    databases: dict[str, Database]
    datasets: dict[str, Dataset]
    # By `<dashboard>/<chart>`.
    charts: dict[str, Chart]
    dashboards: dict[str, Dashboard]
    theme: Theme


def uuid_of(kind: str, name: str, asset: Asset) -> UUID:
    return asset.uuid or uuid5(SPACE, f"{kind}/{name}")
