"""`lyceum simulate` as a user runs it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.tenants import NewTenant, create_tenant
from tests.harness.command import Finished
from tests.harness.database import Database
from tests.harness.lrs import Lrs
from tests.harness.servers import clean_environment


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-m", "cli", "simulate", *map(str, arguments)]


def lyceum(*arguments: Any) -> Finished:
    done = subprocess.run(
        command(*arguments), env=clean_environment(), capture_output=True, text=True, check=False, timeout=120
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def test_simulate__a_folder_with_everything(tmp_path: Path) -> None:
    out = tmp_path / "term"
    done = lyceum(
        "--out", out, "--statements", 3000, "--tenant", "school", "--tenant", "club:Australia/Sydney", "--seed", 7,
        "--start", "2026-03-02", "--weeks", 8, "--order", "day", "--gzip", "--trace", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json["statements"] >= 3000
    manifest = json.loads((out / "manifest.json").read_text())
    assert [(one["slug"], one["time_zone"]) for one in manifest["tenants"]] == [
        ("school", "Europe/Berlin"), ("club", "Australia/Sydney"),
    ]  # fmt: skip
    assert manifest["parameters"]["start"] == "2026-03-02"
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert {
        "statements/school.ndjson.gz", "events/club.ndjson.gz", "malformed/school.ndjson",
        "truth/club/mart_course_completion.ndjson", "truth/school/fct_statements.ndjson",
    } <= found  # fmt: skip
    assert any(name.startswith("rows/school/1-") and name.endswith("/courses.csv") for name in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--statements", 1000, "--learners", 5), "How much is not said, or said twice"),
        ((), "How much is not said, or said twice"),
        (("--statements", 1000, "--weeks", 2), "2 weeks are too short a term"),
        (("--statements", 1000, "--order", "size"), "'size' is no order"),
        (("--statements", 1000, "--without", "gravity"), "'gravity' is no imperfection"),
        (("--statements", 1000, "--tenant", "a", "--tenant", "a"), "A tenant is named twice"),
        (("--statements", 1000, "--tenant", "a:Mars/Olympus"), "'Mars/Olympus' is no time zone"),
        (("--statements", 1000, "--tenant", "Bad Slug"), "cannot be a tenant's slug"),
        (("--statements", 1000, "--to", "http://127.0.0.1:9"), "With what to send is not said"),
    ],
)
def test_mistakes__one_sentence_and_nothing_written(tmp_path: Path, arguments: tuple[Any, ...], said: str) -> None:
    done = lyceum("--out", tmp_path / "term", *arguments)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "term").exists()


def test_mistakes__a_folder_that_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = lyceum("--out", tmp_path, "--statements", 1000)
    assert (done.code, "is not empty" in done.err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_live__until_interrupted(lrs: Lrs, database: Database, tmp_path: Path) -> None:
    with database.admin() as connection:
        tenant = create_tenant(connection, NewTenant("riverside", "Riverside School"), database.key)
    key, secret = lrs.client(tenant).credentials
    known = tmp_path / "credentials.json"
    known.write_text(json.dumps({"riverside": {"key": key, "secret": secret}}))
    arguments = ("--out", tmp_path / "term", "--learners", 60, "--live", "--speed", 600, "--json")
    process = subprocess.Popen(
        command(*arguments, "--to", lrs.url, "--credentials", known),
        env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not stored(database) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(out)["statements"] == stored(database) > 0


def stored(database: Database) -> int:
    with database.admin() as connection:
        row = connection.execute("select count(*) from xapi.statement_ids").fetchone()
    return int(row[0]) if row else 0
