"""Figures that a test saw, gathered from all workers into one page."""

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

PROPERTY = "proof"


class ProofPage:
    def __init__(self, path: Path, size: str) -> None:
        self._path = path
        self._size = size
        self._figures: list[tuple[str, str]] = []
        self._counts = {"passed": 0, "failed": 0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            self._counts["passed" if report.passed else "failed"] += 1
        if report.when == "teardown":
            name = report.nodeid.removeprefix("tests/")
            self._figures += [(name, str(value)) for key, value in report.user_properties if key == PROPERTY]

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(self._page(), encoding="utf-8")

    def _page(self) -> str:
        memory = psutil.virtual_memory().total / 2**30
        machine = (
            f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
        )
        counts = f"Passed {self._counts['passed']}, failed {self._counts['failed']}."
        lines = [
            "# Proof",
            "",
            "Written by `make prove`; what each test does stands in the test.",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {machine}, sizes: {self._size}. {counts}",
            "",
            "| Test | Seen |",
            "|---|---|",
            *(f"| `{name.replace('|', '/')}` | {seen} |" for name, seen in sorted(self._figures)),
        ]
        return "\n".join(lines) + "\n"


def describe(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in figures.items())


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
