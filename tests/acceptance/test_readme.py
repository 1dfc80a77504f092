"""The README's commands, run as they are written, in the checkout, with a home folder of their own."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.servers import clean_environment

ROOT = Path(__file__).parents[2]
# These run this very test, or are part of what does.
RUN_BY_CI = {"make check", "make test"}


def commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    environment = clean_environment() | {"LYCEUM_HOME": str(tmp_path / "home"), "STATEMENTS": "3000"}
    yield environment
    subprocess.run([".venv/bin/lyceum", "down"], cwd=ROOT, env=environment, check=True, capture_output=True)


@pytest.mark.timeout(600)
def test_readme__its_commands_run_as_written(environment: dict[str, str]) -> None:
    to_run = [command for command in commands() if command not in RUN_BY_CI]
    assert to_run[0] == "make demo"
    assert to_run[-1] == ".venv/bin/lyceum down"
    assert len(to_run) >= 5
    for command in to_run:
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_readme__what_ci_runs_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {command.removeprefix("make ") for command in RUN_BY_CI} <= targets
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_readme__its_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"
