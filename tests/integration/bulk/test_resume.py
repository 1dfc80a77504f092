"""An import that is ended in the middle, by whatever, goes on there and ends with the same rows."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lrs.bulk.checkpoint import checkpoint_path, load_checkpoint
from lrs.bulk.judging import make_id
from tests.harness.bulk import School, Write, as_lines, make_school, rejects
from tests.harness.statements import make_statement

KEEP = ("--keep-stored", "--keep-authority")
OLD_LRS = {"mbox": "mailto:old-lrs@school.example"}
PATIENCE = 60


@pytest.fixture
def file(size: SimpleNamespace, write: Write) -> Path:
    """Each tenth statement without an id, each hundredth wrong, each thousandth the one before."""
    made: list[dict[str, Any]] = []
    for number in range(size.resumed_statements):
        moment = f"2025-{number % 12 + 1:02}-01T00:{number // 60 % 60:02}:{number % 60:02}.{number // 3600:03}Z"
        statement = make_statement(stored=moment, timestamp=moment, authority=OLD_LRS)
        if number % 10 == 1:
            del statement["id"]
        if number % 100 == 2:
            statement["verb"] = {}
        made.append(made[-1] if number % 1000 == 5 else statement)
    return write("statements.ndjson", as_lines(made))


def start_until_the_middle(school: School, file: Path) -> "subprocess.Popen[str]":
    """Until at least one more batch is committed."""
    checkpoint = checkpoint_path(file, school.tenant.slug)
    before = read_so_far(checkpoint)
    process = school.lyceum.start(*school.command, str(file), *KEEP)
    deadline = time.monotonic() + PATIENCE
    while read_so_far(checkpoint) <= before:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return process


def kill_in_the_middle(school: School, file: Path) -> None:
    process = start_until_the_middle(school, file)
    process.kill()
    process.communicate(timeout=PATIENCE)


def read_so_far(checkpoint: Path) -> int:
    found = load_checkpoint(checkpoint)
    return found.counts.read if found else 0


def all_rows(school: School) -> list[tuple[Any, ...]]:
    """All that does not depend on when and by whom it was imported."""
    return school.rows(
        "select stored, timestamp, statement::jsonb - 'id', case when statement::text like '{\"id\"%%' "
        "then statement_id end from xapi.statements where tenant_id = %s order by 1, 2, 3::text, 4"
    )


def test_kill__the_second_run_ends_as_one_that_nobody_disturbed(
    school: School, file: Path, proof: Callable[..., None]
) -> None:
    kept, total = file.with_name(f"{file.name}.rejects.ndjson"), file.read_bytes().count(b"\n")
    checkpoint = checkpoint_path(file, "school")
    kill_in_the_middle(school, file)
    first = read_so_far(checkpoint)
    older = shutil.copy(checkpoint, file.with_name("older"))
    kill_in_the_middle(school, file)
    assert first < read_so_far(checkpoint) < total
    # As if it had been killed after it committed, and before it could say so.
    shutil.copy(older, checkpoint)
    done = school.imports(file, *KEEP, "--json")
    assert f"Going on after {first:,} statements" in done.err
    assert done.code == 1
    assert done.json["read"] == total
    assert not checkpoint.exists()

    other = make_school(school.database, school.lyceum, "other")
    undisturbed = other.imports(file, *KEEP, "--rejects", str(file.with_name("other.rejects")), "--json")
    assert undisturbed.json["rejected"] == done.json["rejected"]
    assert kept.read_bytes() == file.with_name("other.rejects").read_bytes()
    assert len(rejects(kept)) == done.json["rejected"]
    assert all_rows(school) == all_rows(other)
    texts = file.read_bytes().splitlines()
    made = {
        make_id(school.tenant.tenant_uuid, position, text)
        for position, text in enumerate(texts)
        if position % 10 == 1 and b'"id"' not in text.partition(b'"actor"')[0]
    }
    assert made <= school.stored_ids()
    proof(statements=total, killed_after=first, rows=len(all_rows(school)), lost=0)


def test_interrupt__ends_cleanly_and_says_how_to_go_on(school: School, file: Path) -> None:
    process = start_until_the_middle(school, file)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, ""), err
    checkpoint = load_checkpoint(checkpoint_path(file, "school"))
    assert checkpoint is not None
    done = checkpoint.counts
    assert f"Stopped. {done.read:,} statements of {file} are done, {done.stored:,} of them stored." in err
    assert "Run the same command again to go on." in err
    assert "Traceback" not in err
    assert len(school.stored_ids()) == done.stored
    refused = school.imports(file, "--dry-run")
    assert (refused.code, "An import that has not ended keeps" in refused.err) == (1, True)
    resumed = school.imports(file, *KEEP)
    assert f"Going on after {done.read:,} statements" in resumed.err
    assert f"{file.read_bytes().count(chr(10).encode()):,} statements read" in resumed.out


def test_resume__not_with_another_file_or_other_options_or_restart(school: School, file: Path) -> None:
    kill_in_the_middle(school, file)
    done = read_so_far(checkpoint_path(file, "school"))
    older = shutil.copy(checkpoint_path(file, "school"), file.with_name("older"))
    with file.open("ab") as more:
        more.write(json.dumps(make_statement()).encode())
    for options, note in ((KEEP, "Beginning anew"), (KEEP[:1], "Beginning anew"), ((*KEEP, "--restart"), "")):
        shutil.copy(older, checkpoint_path(file, "school"))
        again = school.imports(file, *options, "--json")
        assert "Going on" not in again.err
        assert note in again.err
        assert again.json["repeated"] >= done * 0.9


def test_away__says_so_and_goes_on_later(school: School, file: Path) -> None:
    process = start_until_the_middle(school, file)
    with school.database.admin(autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'lyceum_lrs' and datname = current_database()"
        )
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4, err
    assert "The database went away" in err
    assert "Run the same command again to go on." in err
    assert "Traceback" not in err
    assert "Going on after" in school.imports(file, *KEEP).err
    total = file.read_bytes().count(b"\n")
    assert len(school.stored_ids()) == total - total // 100 - total // 1000
