"""`make audit` needs the network. Seen without: that it misses no lock, and what it says where there is none."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "requirements/audit.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=60
    )


def test_locks__each_is_looked_at_or_said_not_to_be() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "*.lock", "*lock.json", "*lock.yaml"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    listed = [line.partition(" ")[0] for line in run("--list").stdout.splitlines()]
    assert sorted(listed) == sorted(kept)


def test_audit__without_a_network(tmp_path: Path) -> None:
    done = run(UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path), npm_config_registry="http://127.0.0.1:1")
    assert done.returncode == 4
    assert "none known" not in done.stdout
    assert "requirements/platform.lock: could not be looked up: " in done.stderr
    assert "It takes the network" in done.stderr
    assert "Traceback" not in done.stderr
