"""Rules of the house that a reviewer would forget to look for."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("core", "lrs", "ingest", "lake", "orchestration", "dashboards", "simulator", "backup", "cli", "local", "bench")
# Rooms import core, never one another; these may call what they drive.
DRIVES = {
    "core": set(),
    "orchestration": {"core", "ingest", "lake", "lrs", "dashboards", "simulator"},
    "cli": set(ROOMS),
    "local": {"core", "ingest", "lrs", "orchestration", "dashboards"},
    "simulator": {"core"},
    "bench": set(ROOMS) - {"cli"},
}
MOST_LINES = 400
READS_ENVIRONMENT = {
    "cli/main.py": "hands it to the settings",
    "requirements/install.py": "runs before there are settings",
    "local/launch.py": "marks the child that it becomes",
    "orchestration/surroundings.py": "Dagster makes processes whose main is not ours",
    "orchestration/dbt.py": "dbt reads its profile's values from nowhere else",
    "dashboards/server/config.py": "Superset's processes are told by it, and made in another environment",
    "dashboards/server/web.py": "likewise",
}


def tracked(*patterns: str) -> list[Path]:
    done = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).exists()]


def imported_modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_imports__rooms_do_not_reach_into_one_another(room: str) -> None:
    allowed = DRIVES.get(room, {"core"}) | {room}
    reached = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in tracked(f"{room}/*.py")
        for module in imported_modules(ast.parse(path.read_text(encoding="utf-8")))
        if (top := module.partition(".")[0]) in ROOMS and top not in allowed
    ]
    assert reached == []


def test_files__none_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py", "*.sql", "*.sh", "Makefile")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_files__no_drawers() -> None:
    drawers = [path for path in tracked("*.py") if re.search(r"util|helper|common|misc", path.stem)]
    assert drawers == []


def test_environment__is_read_in_one_place() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for room in (*ROOMS, "requirements")
        for path in tracked(f"{room}/*.py")
        if re.search(r"os\.environ|os\.getenv|environb", path.read_text(encoding="utf-8"))
    }
    assert readers <= set(READS_ENVIRONMENT)


def test_locks__name_no_address() -> None:
    named = [
        path.name for path in tracked("requirements/*.lock", "*lock.json") if re.search(r"https?://", path.read_text())
    ]
    assert named == []


def test_tests__none_is_skipped_or_expected_to_fail() -> None:
    mark = re.compile(r"pytest\.(mark\.)?(skip|xfail)|importorskip|skipif")
    skipped = [str(path) for path in tracked("tests/*.py") if path != Path(__file__) and mark.search(path.read_text())]
    assert skipped == []
