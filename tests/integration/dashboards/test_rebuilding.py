"""The marts are made anew while people look: nobody sees an error, or nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.browser import chromium, signed_in
from tests.harness.superset import Superset, variables_of
from tests.integration.dashboards.figures import TEACHER

pytestmark = pytest.mark.timeout(600)


def test_rebuild__nobody_notices(
    server: Settings, superset: Superset, tmp_path: Path, proof: Callable[..., None]
) -> None:
    asked, wrong = 0, set()
    with chromium() as browser, signed_in(browser, superset, TEACHER) as opened, superset.signed_in(TEACHER) as client:
        opened.open("course-overview")
        payloads = {chart: payload | {"force": True} for chart, payload in opened.asked.items()}
        before = {chart: answer["rowcount"] for chart, answer in opened.told.items()}
        with rebuild(server, superset, tmp_path) as rebuilding:
            while rebuilding.poll() is None:
                for chart, payload in payloads.items():
                    answer = client.post("/api/v1/chart/data", json=payload)
                    asked += 1
                    if answer.status_code != 200 or answer.json()["result"][0]["rowcount"] < before[chart]:
                        wrong.add((chart, answer.text[:300]))
                opened.open("course-overview")
                wrong |= set(enumerate(opened.problems))
                asked += len(opened.told)
            assert rebuilding.returncode == 0, rebuilding.communicate()[1]
    assert wrong == set()
    assert asked > 5 * len(payloads)
    proof(asked_meanwhile=asked, errors=0)


def rebuild(server: Settings, superset: Superset, home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "marts", "refresh", "--full"],
        env=variables_of(server, superset.database, home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
