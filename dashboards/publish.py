"""What lies under assets/ -> Superset, by a process in Superset's environment."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.errors import UserError
from core.settings import Settings
from dashboards.asset import Assets
from dashboards.bundle import make_bundle
from dashboards.check import check
from dashboards.launch import service_of, superset_environment, superset_python
from dashboards.reading import ASSETS, read_assets
from dashboards.service import BUNDLE


class Publication(msgspec.Struct, frozen=True):
    """What was added, changed and removed, by kind and title."""

    added: list[str]
    changed: list[str]
    removed: list[str]


def publish(settings: Settings, variables: Mapping[str, str], folder: Path = ASSETS) -> Publication:
    """All or nothing. Superset need not run, but its tables must be there."""
    write_bundle(settings, folder)
    return msgspec.json.decode(run_in_superset(settings, variables, "dashboards.server.publish"), type=Publication)


def run_in_superset(settings: Settings, variables: Mapping[str, str], module: str) -> str:
    """The last line that it says."""
    done = subprocess.run(
        [str(superset_python(settings)), "-m", module],
        env=superset_environment(service_of(settings), variables), capture_output=True, check=False, text=True,
    )  # fmt: skip
    if done.returncode:
        raise UserError(f"Superset refuses: {_last_line(done.stderr)}", "Nothing was changed. Is Superset set up?")
    return _last_line(done.stdout)


def write_bundle(settings: Settings, folder: Path = ASSETS) -> None:
    """Where Superset's processes find it; not if anything is wrong with it."""
    service = service_of(settings)
    bundle, home = make_bundle(checked(read_assets(folder)), service.data_url), Path(service.home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    next_one = home / f"{BUNDLE}.next"
    next_one.write_bytes(msgspec.json.encode(bundle))
    next_one.replace(home / BUNDLE)


def checked(assets: Assets) -> Assets:
    if problems := list(check(assets)):
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise UserError(f"The dashboards do not hold together:\n{listed}", "Mend these files; nothing was published.")
    return assets


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
