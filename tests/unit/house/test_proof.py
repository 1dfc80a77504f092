"""PROOF.md: a run of some tests leaves what the others saw."""

from pathlib import Path
from typing import Any

import pytest

from tests.harness.proof import PROPERTY, ProofPage, describe


def run(path: Path, *, is_whole: bool, **figures: dict[str, Any]) -> str:
    page = ProofPage(path, "full", is_whole=is_whole)
    for name, seen in figures.items():
        properties = [(PROPERTY, describe(seen))]
        for when in ("setup", "call", "teardown"):
            report = pytest.TestReport(
                f"tests/faults/{name}", (name, 1, name), {}, "passed", None, when, user_properties=properties
            )  # fmt: skip
            page.pytest_runtest_logreport(report)
    page.pytest_sessionfinish()
    return path.read_text(encoding="utf-8")


def test_proof__of_some_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "PROOF.md"
    run(path, is_whole=True, one={"kills": 20_000, "lost": 0}, other={"seconds": 1.5})
    text = run(path, is_whole=False, one={"kills": 7, "lost": 0})
    assert "| `faults/one` | kills 7, lost 0 |" in text
    assert "| `faults/other` | seconds 1.5 |" in text
    assert text.count("faults/one") == 1
    assert "some of the tests. Passed 1, failed 0." in text


def test_proof__of_all_forgets_who_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "PROOF.md"
    run(path, is_whole=True, one={"lost": 0}, other={"lost": 0})
    assert "faults/other" not in run(path, is_whole=True, one={"lost": 0})
