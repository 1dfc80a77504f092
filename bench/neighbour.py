"""Beside another open LRS that can be run from packages alone: Ralph, storing in a file. One process each.

Its stores with indexes (Elasticsearch, MongoDB, ClickHouse) need servers that no package brings; so this says how the
two take statements in, and no more. `python -m bench.neighbour` prints what it saw; it installs Ralph for itself.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.cost import Cost
from bench.figures import Spread, spread
from bench.machine import heading
from bench.post import Load, Poster, Round
from bench.servers import HOST, Access, Lrs, embedded_database, make_access, serving, unused_port, wait_until_answers

# It does not name `requests` among what its server needs.
RALPH = ("ralph-malph[lrs]==5.1.0", "requests==2.32.5")
# Left to itself its store of files refuses the second request: it wants to make the file anew.
SERVE = """
import sys, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
uvicorn.run("ralph.api:app", port=int(sys.argv[1]), log_level="warning")
"""
HASH = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt()).decode())"
NAME, WORD = "bench", "bench"
BASIC = f"Basic {base64.b64encode(f'{NAME}:{WORD}'.encode()).decode()}"
SECONDS = {"quick": (5.0, 2), "full": (20.0, 3)}
CONNECTIONS, PER_REQUEST = 2, 50


@contextmanager
def ralph(folder: Path) -> Iterator[Lrs]:
    """With an empty store."""
    python, port = _install(folder), unused_port()
    store = folder / "store"
    store.mkdir()
    hashed = subprocess.run([python, "-c", HASH, WORD], check=True, capture_output=True, text=True).stdout.strip()
    login = {"username": NAME, "hash": hashed, "scopes": ["all"], "agent": {"mbox": "mailto:bench@lms.example.org"}}
    (folder / "auth.json").write_text(json.dumps([login]), encoding="utf-8")
    settings = {
        "PATH": os.defpath, "RALPH_APP_DIR": str(folder), "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_RUNSERVER_BACKEND": "fs", "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(store),
    }  # fmt: skip
    process = subprocess.Popen([str(python), "-c", SERVE, str(port)], env=settings, cwd=folder)
    try:
        wait_until_answers(f"http://{HOST}:{port}/__heartbeat__", process)
        yield Lrs(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(30)


def _install(folder: Path) -> Path:
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *RALPH], check=True, stdout=sys.stderr)
    return python


def _speeds(lrs: Lrs, access: Access, profile: str) -> Spread:
    seconds, rounds = SECONDS[profile]
    load = Load(PER_REQUEST, seconds, rounds, CONNECTIONS)
    poster, speeds = Poster(lrs, access, load, seed=time.time_ns()), []
    for _ in range(rounds):
        round_, began = Round(load, Cost()), time.perf_counter()
        poster.post(seconds, round_)
        if round_.errors:
            raise RuntimeError(f"{round_.errors} of {len(round_.seconds)} requests were refused")
        speeds.append(round_.statements / (time.perf_counter() - began))
    return spread(speeds)


def measure(profile: str) -> tuple[Spread, Spread, str]:
    with embedded_database() as settings:
        title = heading(settings)
        with serving(settings) as lrs:
            ours = _speeds(lrs, make_access(settings), profile)
    with tempfile.TemporaryDirectory(prefix="lyceum-bench-") as folder, ralph(Path(folder)) as lrs:
        theirs = _speeds(lrs, Access(0, "", BASIC), profile)
    return ours, theirs, title


def report(ours: Spread, theirs: Spread, title: str) -> str:
    return "\n".join([
        "# Beside another open LRS", "", title, "",
        f"{PER_REQUEST} statements a request by {CONNECTIONS} connections, into an empty store, one process each.", "",
        "| LRS | store | statements/s |", "|---|---|---|",
        f"| Lyceum | TimescaleDB, durable, indexed | {ours.show()} |",
        f"| {RALPH[0]} | a file, read whole for each request that brings ids | {theirs.show()} |", "",
        f"Lyceum ÷ Ralph: {ours.middle / theirs.middle:.1f}.", "",
    ])  # fmt: skip


def run(profile: str) -> str:
    return report(*measure(profile))


def main() -> None:
    parser = argparse.ArgumentParser(description="Beside another open LRS.")
    parser.add_argument("--profile", choices=SECONDS, default="quick")
    print(run(parser.parse_args().profile))


if __name__ == "__main__":
    main()
