"""What the pages for operators tell people to type and to set, held against the code."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import all_settings
from tests.harness.deployment import ROOT, leaf

PAGES = ("operations.md", "scale.md")
PLACES = {"TENANT": "school", "NUMBER": "1"}
BEFORE = re.compile(r"^(?:docker compose --file deploy/compose\.yaml run --rm |kubectl .* -- )")


def text(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def commands(page: str) -> set[str]:
    blocks = re.findall(r"```console\n(.*?)```", text(page), re.DOTALL)
    typed = [
        line.removeprefix("$ ").split(" #")[0] for block in blocks for line in block.splitlines() if line[0] == "$"
    ]
    quoted = re.findall(r"`((?:lyceum) [^`…]+)`", text(page))
    return {BEFORE.sub("", line).strip() for line in (*typed, *quoted)}


def ours() -> list[str]:
    found = {line for page in PAGES for line in commands(page)}
    return sorted(line.removeprefix("lyceum ") for line in found if re.match(r"(lyceum|doctor|tenants) ?", line))


@pytest.mark.parametrize("line", ours())
def test_command__can_be_typed_as_it_stands(line: str) -> None:
    arguments = [PLACES.get(word, word) for word in shlex.split(line)]
    command, rest = leaf(tuple(arguments))
    command.make_context(command.name, rest)


def test_commands__are_found() -> None:
    assert {"doctor", "migrate", "topics check", "dead-letters show NUMBER", "marts status"} <= set(ours())


@pytest.mark.parametrize("page", [path.name for path in (ROOT / "docs").glob("*.md")])
def test_settings__that_are_named_are_there(page: str) -> None:
    known = {setting.variable for setting in all_settings()}
    secret = {setting.variable for setting in all_settings() if setting.is_secret}
    named = set(re.findall(r"\bLYCEUM_[A-Z0-9_]*[A-Z0-9]\b", text(page)))
    assert {name for name in named if name not in known and name.removesuffix("_FILE") not in secret} == set()


def test_computation__gives_the_table() -> None:
    found = re.search(r"```python\n(.*?)```\n\n(\|.*?)\n\n", text("scale.md"), re.DOTALL)
    assert found is not None
    done = subprocess.run([sys.executable, "-c", found[1]], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found[2]


def test_files__that_are_named_are_there() -> None:
    named = {found for page in PAGES for found in re.findall(r"\bdeploy/[\w./-]*\w", text(page))}
    made = {"deploy/.env", "deploy/secrets"}
    assert named - made
    assert [name for name in sorted(named - made) if not (ROOT / name).exists()] == []
    files = re.findall(r"^\| `([\w.`, -]+)` \|", text("operations.md").partition("## On Kubernetes")[2], re.MULTILINE)
    there = {path.name for path in Path(ROOT / "deploy" / "kubernetes").iterdir()}
    assert {name for line in files[:5] for name in line.split("`, `")} <= there
