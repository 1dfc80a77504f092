"""The examples of the pages for authors of content: run as they are written, with the answers that they show."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.database.address import admin_conninfo
from core.settings import Settings
from tests.harness.lrs import Lrs
from tests.harness.node import INSTALL_SECONDS, program
from tests.harness.servers import clean_environment

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)

ROOT = Path(__file__).parents[2]
SHOWN_BLOCK = re.compile(r"```(console|js)\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
# What is another each time.
CHANGING = [
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "<time>"),
]
END = "--end-of-a-command--"
# The client never sees it, since it has gone.
UNSEEN = (499, "gone")


@dataclass(frozen=True)
class Step:
    command: str
    shown: str


def steps_of(page: str) -> list[list[Step]]:
    """Of each block; a program is one step."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = SHOWN_BLOCK.findall(text)
    return [list(commands(block)) if kind == "console" else [Step(block, shown)] for kind, block, shown in blocks]


def commands(block: str) -> Iterator[Step]:
    """A command begins with `$ ` and goes on in lines that are indented; what is not is its answer."""
    for part in ("\n" + block).split("\n$ ")[1:]:
        lines = part.splitlines()
        length = next((at for at, line in enumerate(lines) if at and not line.startswith("  ")), len(lines))
        yield Step("\n".join(lines[:length]), "\n".join(lines[length:]))


@dataclass(frozen=True)
class Shell:
    environment: dict[str, str]
    folder: Path
    packages: Path

    def run(self, steps: list[Step]) -> list[str]:
        """In one shell, which remembers what a command sets."""
        if steps[0].command.startswith("import "):
            return [self._run(program(self.packages, self.folder, steps[0].command))]
        script = "\n".join(f"{step.command}\necho; echo {END} $?" for step in steps)
        answers = re.split(rf"\n{END} (\d+)\n", self._run(["bash", "-c", script]))
        assert set(answers[1::2]) == {"0"}, answers
        return answers[:-1:2]

    def check(self, steps: list[Step]) -> list[str]:
        answers = self.run(steps)
        for step, answer in zip(steps, answers, strict=True):
            pattern = re.escape(settled(step.shown)).replace("…", ".*") or ".*"
            assert re.fullmatch(pattern, settled(answer), re.DOTALL), f"{step.command}\n{answer}"
        return answers

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def settled(text: str) -> str:
    for changing, name in CHANGING:
        text = changing.sub(name, text)
    return text.replace("\r", "").strip()


@pytest.fixture
def shell(server: Settings, lrs: Lrs, packages: Path, tmp_path: Path) -> Shell:
    environment = clean_environment() | {
        "LYCEUM_HOME": str(server.home),
        "LYCEUM_DATABASE_URL": admin_conninfo(lrs.database.settings),
        "PATH": f"{Path(sys.executable).parent}:{clean_environment()['PATH']}",
        "ENDPOINT": f"{lrs.url}/xAPI",
    }
    return Shell(environment, tmp_path, packages)


def with_key(shell: Shell, facts: str) -> Shell:
    key, secret = re.findall(r"^(?:key|secret) +(\S+)$", facts, re.MULTILINE)
    return Shell({**shell.environment, "KEY": key, "SECRET": secret}, shell.folder, shell.packages)


def test_lrs_page__its_examples_run_and_answer_as_shown(shell: Shell) -> None:
    first, *others = steps_of("lrs.md")
    shell = with_key(shell, shell.check(first)[-1])
    assert len(others) >= 8
    for block in others:
        shell.check(block)


@pytest.mark.parametrize("page", ["attachments.md", "documents.md", "connect.md"])
def test_other_pages__their_commands_run(shell: Shell, page: str) -> None:
    """Beside `school`, which the page for authors makes."""
    made = "lyceum tenants show school || lyceum tenants create school --name School"
    shell.run([Step(made, "")])
    facts = shell.run([Step(f"lyceum credentials create school --name 'for {page}' --scope all", "")])
    for block in steps_of(page):
        if not block[0].command.startswith("H5P."):
            with_key(shell, facts[0]).run(block)


def test_errors__the_table_has_each_that_the_lrs_can_say() -> None:
    page = (ROOT / "docs" / "lrs.md").read_text(encoding="utf-8")
    listed = {(int(status), code) for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE)}
    assert listed == set(said_by_the_lrs()) - {UNSEEN}


def said_by_the_lrs() -> Iterator[tuple[int, str]]:
    """Where an error is raised, its status and code are written out."""
    for path in (ROOT / "lrs").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from said_by(ast.unparse(node.func), [ast.unparse(argument) for argument in node.args])


def said_by(function: str, arguments: list[str]) -> Iterator[tuple[int, str]]:
    match function, arguments:
        case "BadRequestError", [code, *_]:
            yield 400, ast.literal_eval(code)
        case "ForbiddenError", [code, *_]:
            yield 403, ast.literal_eval(code)
        case ("RequestError", [status, code, *_]):
            yield int(status), ast.literal_eval(code)
        case "super().__init__", [status, code, *_] if status.isdigit() and code != "code":
            yield int(status), ast.literal_eval(code)
