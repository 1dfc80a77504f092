"""YAML files -> assets. A mistake is told with its file, and nothing of the rest is used."""

from pathlib import Path
from typing import TypeVar

import msgspec

from core.errors import UserError
from dashboards.asset import Assets, Chart, Dashboard, Database, Dataset, Theme

ASSETS = Path(__file__).parent / "assets"

Kind = TypeVar("Kind")


def read_assets(folder: Path = ASSETS) -> Assets:
    return Assets(
        databases=_read_all(folder / "databases", Database),
        datasets=_read_all(folder / "datasets", Dataset),
        charts=_read_all(folder / "charts", Chart),
        dashboards=_read_all(folder / "dashboards", Dashboard),
        theme=read(folder / "theme.yaml", Theme),
    )


def read(path: Path, kind: type[Kind]) -> Kind:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing.", "Bring it back; `git checkout` has it.") from error
    except msgspec.MsgspecError as error:
        raise UserError(f"{path}: {' '.join(str(error).split())}", "Mend that file; nothing was published.") from error


def _read_all(folder: Path, kind: type[Kind]) -> dict[str, Kind]:
    paths = sorted(folder.rglob("*.yaml"))
    return {path.relative_to(folder).with_suffix("").as_posix(): read(path, kind) for path in paths}
