"""The alerts, before Prometheus's own checker: they are rules, and each fires when it should and not before."""

from pathlib import Path

import pytest

from core.settings import Settings
from local.cache import cache_folder
from tests.harness.promtool import Promtool

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "prometheus"


@pytest.fixture(scope="module")
def promtool() -> Promtool:
    return Promtool(cache_folder(Settings()))


@pytest.mark.timeout(300)
def test_rules__are_rules(promtool: Promtool) -> None:
    done = promtool.run("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml", folder=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout


def test_rules__fire_when_they_should(promtool: Promtool) -> None:
    done = promtool.run("test", "rules", "rules.test.yaml", folder=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_rules__one_that_never_fires_is_seen(promtool: Promtool, tmp_path: Path) -> None:
    rules = (FOLDER / "rules.yaml").read_text(encoding="utf-8")
    assert "> 20000" in rules
    (tmp_path / "rules.yaml").write_text(rules.replace("> 20000", "> 20000000"), encoding="utf-8")
    (tmp_path / "rules.test.yaml").write_bytes((FOLDER / "rules.test.yaml").read_bytes())
    done = promtool.run("test", "rules", "rules.test.yaml", folder=tmp_path)
    assert done.returncode == 1
    assert "LyceumLag" in done.stdout + done.stderr
