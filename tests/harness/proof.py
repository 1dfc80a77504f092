"""Figures that a test saw, gathered from all workers into one page. Tests that did not run keep theirs."""

import platform
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

PROPERTY = "proof"
ROW = re.compile(r"^\| `(?P<test>.+)` \| (?P<seen>.*) \| (?P<day>\d{4}-\d{2}-\d{2}) \|$", re.MULTILINE)


class Figure(NamedTuple):
    test: str
    seen: str
    day: date

    @property
    def line(self) -> str:
        return f"| `{self.test}` | {self.seen} | {self.day} |"


class ProofPage:
    def __init__(self, path: Path, size: str, *, is_whole: bool = True) -> None:
        self._path = path
        self._size = size
        self._is_whole = is_whole
        self._today = datetime.now(UTC).date()
        self._figures: list[Figure] = []
        self._ran: set[str] = set()
        self._counts = {"passed": 0, "failed": 0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.removeprefix("tests/").replace("|", "/")
        self._ran.add(name)
        if report.when == "call" or report.failed:
            self._counts["passed" if report.passed else "failed"] += 1
        if report.when == "teardown":
            seen = [str(value) for key, value in report.user_properties if key == PROPERTY]
            self._figures += [Figure(name, one, self._today) for one in seen]

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(self._page(), encoding="utf-8")

    def _page(self) -> str:
        memory = psutil.virtual_memory().total / 2**30
        machine = (
            f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
        )
        counts = f"Passed {self._counts['passed']:,}, failed {self._counts['failed']:,}."
        which = "all tests" if self._is_whole else "some of the tests"
        lines = [
            "# Proof",
            "",
            "Written by `make prove`; what each test does stands in the test. `make prove TESTS=tests/faults` runs",
            "these only, and leaves what the others saw.",
            "",
            f"Last: {self._today}, {machine}, sizes: {self._size}, {which}. {counts}",
            "",
            "| Test | Seen | Day |",
            "|---|---|---|",
            *(figure.line for figure in sorted([*self._kept(), *self._figures])),
        ]
        return "\n".join(lines) + "\n"

    def _kept(self) -> list[Figure]:
        if self._is_whole or not self._path.exists():
            return []
        rows = ROW.finditer(self._path.read_text(encoding="utf-8"))
        found = [Figure(row["test"], row["seen"], date.fromisoformat(row["day"])) for row in rows]
        return [figure for figure in found if figure.test not in self._ran]


def describe(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in figures.items())


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
