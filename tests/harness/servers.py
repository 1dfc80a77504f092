"""The real servers of a test run: started by `lyceum up`, as a user starts them, once and for all workers."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from core.settings import Settings, load_settings

EDITIONS = ("timescaledb", "postgresql")
PARTS = {"timescaledb": "database,kafka", "postgresql": "database"}
START_SECONDS = 300


def running_settings(folder: Path, edition: str, run_pid: int) -> Settings:
    """Starts the servers unless another worker of this run did. They stop when the run's process is gone."""
    home = folder / edition
    environment = clean_environment() | {"LYCEUM_HOME": str(home), "LYCEUM_DATABASE_EDITION": edition}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{edition}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "run" / "endpoints.toml").exists():
            _start(environment, edition, run_pid)
    return load_settings({"LYCEUM_HOME": str(home)}).settings


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LYCEUM_")}


def _start(environment: dict[str, str], edition: str, run_pid: int) -> None:
    command = [sys.executable, "-m", "cli", "up", "--detach", "--only", PARTS[edition]]
    done = subprocess.run(
        [*command, "--until-exit-of", str(run_pid)],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"the {edition} test servers did not start:\n{done.stdout}{done.stderr}")


def run_pid(worker_id: str) -> int:
    """The process that stands for the whole run: xdist's workers are its children."""
    return os.getpid() if worker_id == "master" else os.getppid()
