"""`make demo` and `make test` begin with this: a second time, nothing is installed and nobody is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("group", ["platform", "dev"])
def test_install__again_does_nothing_and_needs_no_network(group: str) -> None:
    # Any client that would ask for a package is sent to a door that is shut.
    shut = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "requirements/install.py", group],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **shut}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_install__says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "requirements/install.py", "everything"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "platform|dev" in done.stderr
