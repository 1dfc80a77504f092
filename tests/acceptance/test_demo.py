"""`lyceum demo`: three schools with a term, also if it is interrupted while that is sent."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
from psycopg import Connection, connect

from core.database.address import admin_conninfo
from core.settings import load_settings
from local.home import Home
from local.state import read_state
from simulator.demo import Files, read_stage
from simulator.parameters import Parameters
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
from tests.harness.servers import clean_environment
from tests.harness.waiting import wait_until

STATEMENTS = 6000
STEPS = ["Sent to the LRS", "In Kafka", "In the hypertable", "A fact", "In the marts", "On the chart"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    yield home
    subprocess.run(lyceum("down"), env=environment(home), check=True, capture_output=True)


def lyceum(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli", *arguments]


def environment(home: Home) -> dict[str, str]:
    return clean_environment() | {"LYCEUM_HOME": str(home.folder)}


@pytest.mark.timeout(900)
def test_demo__goes_on_where_it_was_interrupted(home: Home, tmp_path: Path) -> None:
    arguments = lyceum("demo", "--statements", str(STATEMENTS))
    files = Files(home.demo)
    assert end_of_one_whose_supervisor_dies(home, arguments).endswith("it goes on with what is there.\n")
    demo = subprocess.Popen(arguments, env=environment(home), stdout=subprocess.DEVNULL)
    wait_until(lambda: read_stage(files).statements >= 1000, 120)
    demo.kill()
    demo.wait()
    learners = find_learners(home)
    os.kill(learners, signal.SIGKILL)
    assert read_stage(files).name == "sending"
    done = subprocess.run(arguments, env=environment(home), capture_output=True, text=True, check=True, timeout=400)
    assert "statements of a term sent in" in done.stdout
    assert str(files.credentials) in done.stdout
    assert sent_of_term(files, tmp_path / "again") - stored(home) == set()
    assert steps_of_tour(home) == STEPS


def end_of_one_whose_supervisor_dies(home: Home, arguments: list[str]) -> str:
    demo = subprocess.Popen(
        arguments, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: phase_of(home, "database") == "ready", 300)
    supervisor = home.holder()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    _, said = demo.communicate(timeout=60)
    assert demo.returncode == 1
    return said


def phase_of(home: Home, name: str) -> str | None:
    state = read_state(home.state_file)
    return next((process.phase for process in state.processes if process.name == name), None) if state else None


def steps_of_tour(home: Home) -> list[str]:
    done = subprocess.run(
        lyceum("demo", "tour"), env=environment(home), capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stdout + done.stderr + goings_on(home)
    return re.findall(r"^\d  (.+)  after [\d.]+ s$", done.stdout, re.MULTILINE)


def goings_on(home: Home) -> str:
    """In the database, and what those said who make the marts: a slow machine is told from a defect by it."""
    with connected(home) as connection:
        sessions = connection.execute(
            "select usename, state, wait_event, now() - query_start, pg_blocking_pids(pid), left(query, 200) "
            "from pg_stat_activity where state <> 'idle'"
        ).fetchall()
        batches = connection.execute(
            "select source, count(*), max(number), max(created_at), (select count(*) from ingest.outbox), "
            "(select count(*) from ingest.dead_letters) from ingest.batches group by source"
        ).fetchall()
        refreshes = connection.execute("select * from marts.refreshes order by finished_at desc limit 5").fetchall()
    said = [home.log(name).read_text(encoding="utf-8")[-3000:] for name in ("dagster-code", "ingest", "lrs")]
    return "\n".join([*map(str, [*sessions, *batches, *refreshes]), *said])


def test_tour__without_the_demo(home: Home) -> None:
    done = subprocess.run(
        lyceum("demo", "tour"), env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3
    assert done.stderr == "Error: The demo does not run here.\n`lyceum demo` starts it; then take the tour.\n"


def find_learners(home: Home) -> int:
    state = read_state(home.state_file)
    assert state is not None
    (pid,) = (process.pid for process in state.processes if process.name == "learners")
    assert pid is not None
    assert psutil.pid_exists(pid)
    return pid


def sent_of_term(files: Files, folder: Path) -> set[str]:
    """The same simulation once more, into files."""
    parameters = msgspec.json.decode(files.parameters.read_bytes(), type=Parameters)
    simulate(parameters, folder, FileSink(folder))
    texts = [path.read_bytes() for path in (folder / "statements").iterdir()]
    return {msgspec.json.decode(line)["id"] for text in texts for line in text.splitlines()}


def stored(home: Home) -> set[str]:
    with connected(home) as connection:
        return {str(row[0]) for row in connection.execute("select statement_id from xapi.statement_ids")}


def connected(home: Home) -> Connection:
    loaded = load_settings({"LYCEUM_HOME": str(home.folder)}, home.folder)
    return connect(admin_conninfo(loaded.settings.database))
