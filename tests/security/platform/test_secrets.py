"""What the installation keeps secret is in no command line, in no log, and in those files and environments only that
are meant to hold it."""

import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from core.settings import home_files
from local.child import NAME_MARK
from local.leftovers import leftovers
from tests.harness.waiting import wait_until
from tests.security.platform.conftest import Platform

pytestmark = pytest.mark.timeout(400)
# A program of others, which takes the address of its storage from nowhere else.
STORAGE = {"database.password_dagster"}
IN_ENVIRONMENT = {"dagster-code": STORAGE, "dagster-daemon": STORAGE, "dagster": STORAGE}
# Programs that live for a moment, and one of each kind that stays.
EXPECTED = ("initdb", "migrate", "topics", "psql", "pg_dump", "orchestration.pages", "kafka.Kafka", "postgres: lyceum_")
WORK = "select count(*) > 0 from dagster.runs where status in ('STARTED', 'SUCCESS', 'FAILURE')"


@pytest.fixture(autouse=True)
def _with_a_run(platform: Platform) -> None:
    """Of Dagster's, in a process of its own."""
    with platform.database.admin(autocommit=True) as connection:
        wait_until(lambda: connection.execute(WORK).fetchone() == (True,), 60, every=0.2)


def test_command_lines__hold_no_secret(platform: Platform, proof: Callable[..., None]) -> None:
    seen = set(platform.command_lines)
    missing = [program for program in EXPECTED if not any(program.encode() in line for line in seen)]
    assert missing == [], "these were not seen"
    assert {name for line in seen for name in platform.hidden.named_in(line)} == set()
    proof(command_lines=len(seen), secrets=len(platform.hidden.secrets))


def test_environments__hold_only_what_another_program_takes_from_there(platform: Platform) -> None:
    found: dict[str, set[str]] = {}
    for one in environments(platform.lyceum.folder):
        found[one.name] = found.get(one.name, set()) | platform.hidden.named_in(one.content)
    assert {"database", "kafka", "lrs", "ingest", *IN_ENVIRONMENT} <= found.keys()
    assert {name: secrets for name, secrets in found.items() if secrets} == IN_ENVIRONMENT


def test_environments__are_nobody_elses_to_read(platform: Platform) -> None:
    assert {one.mode for one in environments(platform.lyceum.folder)} == {0o400}


class Environment(NamedTuple):
    name: str
    content: bytes
    mode: int


def environments(folder: Path) -> Iterator[Environment]:
    """Of the processes that are still there when they are looked at. PostgreSQL's backends write titles over theirs."""
    for process in leftovers(folder):
        path = Path(f"/proc/{process.pid}/environ")
        with suppress(FileNotFoundError, ProcessLookupError):
            content, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
            given = dict(variable.partition(b"=")[::2] for variable in content.split(b"\0"))
            yield Environment(given.get(NAME_MARK.encode(), b"database").decode(), content, mode)


def test_files__hold_secrets_only_where_they_are_kept(platform: Platform, proof: Callable[..., None]) -> None:
    home = platform.lyceum.home
    keep = {str(path.relative_to(home.folder)) for path in home_files(home.folder)} | {"data/database-password"}
    holding = platform.hidden.files_below(home.folder)
    assert holding.keys() == keep
    for name in keep:
        path = home.folder / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, name
        assert {stat.S_IMODE(above.stat().st_mode) for above in (home.folder, path.parent)} == {0o700}, name
    proof(files=sum(1 for path in home.folder.rglob("*") if path.is_file()), holding_secrets=len(keep))


def test_files__what_is_written_for_a_moment_or_to_be_kept_elsewhere_holds_none(platform: Platform) -> None:
    folder = platform.lyceum.folder.parent
    assert any((folder / "backup").iterdir())
    assert platform.hidden.files_below(platform.temporary) == {}
    assert platform.hidden.files_below(folder / "backup") == {}


def test_logs__tell_of_the_trouble_and_of_no_secret(platform: Platform) -> None:
    """That they hold none is seen with all other files; here, that they are of something."""
    logs = {path.stem: path.read_text(errors="replace") for path in platform.lyceum.home.log("x").parent.iterdir()}
    assert {"lrs", "ingest", "database", "supervisor"} <= logs.keys()
    complaining = [name for name in ("lrs", "ingest", "dagster-code", "dagster-daemon") if "connection" in logs[name]]
    assert len(complaining) > 1
