"""All of Lyceum but Superset, as `lyceum up` runs it, used, and after some trouble. Superset is in ../superset."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from core.secrets import SecretKey
from core.tenants import find_tenant
from tests.harness.database import Database
from tests.harness.hidden import Hidden, command_lines, hidden_of
from tests.harness.statements import make_statement
from tests.harness.waiting import wait_until
from tests.integration.local.lyceum import Lyceum

PARTS = "database,kafka,migrate,topics,lrs,ingest,dagster-code,dagster-daemon,dagster"
SLUG, LEARNER = "secretive", "mark-of-a-learner"


@dataclass(frozen=True)
class Platform:
    lyceum: Lyceum
    database: Database
    hidden: Hidden
    # All that were seen since before it was started.
    command_lines: set[bytes]

    @property
    def temporary(self) -> Path:
        return self.lyceum.folder.parent / "temporary"

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.lyceum.process(name).port}"

    @property
    def dagster(self) -> str:
        return self.url("dagster")


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    (folder / "temporary").mkdir()
    lyceum = Lyceum(folder / "home", only=PARTS)
    with command_lines() as seen:
        try:
            done = lyceum.run("up", "--detach", "--only", PARTS, TMPDIR=str(folder / "temporary"))
            assert done.returncode == 0, done.stdout + done.stderr
            keys = issue_keys(lyceum)
            database = Database("timescaledb", lyceum.settings.database, SecretKey(lyceum.settings.secret_key))
            use(lyceum, database, keys, folder)
            yield Platform(lyceum, database, hidden(lyceum, database, keys), seen)
        finally:
            lyceum.run("down")


def issue_keys(lyceum: Lyceum) -> dict[str, str]:
    obey(lyceum, "tenants", "create", SLUG, "--name", "A school")
    said = obey(lyceum, "credentials", "create", SLUG, "--name", "content", "--scope", "all", "--json")
    issued = json.loads(said.stdout)
    return {issued["key"]: issued["secret"]}


def use(lyceum: Lyceum, database: Database, keys: Mapping[str, str], folder: Path) -> None:
    """By its doors and commands; the database dies meanwhile, so that everybody complains of it."""
    send(lyceum, keys)
    with database.admin(autocommit=True) as connection:
        wait_until(lambda: connection.execute("select exists (select from xapi.statements)").fetchone() == (True,), 60)
    obey(lyceum, "sql", "--tenant", SLUG)
    obey(lyceum, "backup", str(folder / "backup"))
    lyceum.kill("database")
    send(lyceum, keys)
    wait_until(lambda: httpx.get(f"http://127.0.0.1:{lyceum.process('ingest').port}/health/ready").is_success, 60)


def send(lyceum: Lyceum, keys: Mapping[str, str]) -> None:
    (key,) = keys.items()
    statement = make_statement(actor={"mbox": f"mailto:{LEARNER}@x.example", "name": LEARNER})
    headers = {"X-Experience-API-Version": "1.0.3"}
    url = f"{lyceum.settings.public_url}/xAPI/statements"
    wait_until(lambda: httpx.post(url, json=statement, auth=key, headers=headers, timeout=30).is_success, 60)


def hidden(lyceum: Lyceum, database: Database, keys: Mapping[str, str]) -> Hidden:
    with database.admin() as connection:
        return hidden_of(lyceum.home, lyceum.settings, [find_tenant(connection, SLUG)], keys)


def obey(lyceum: Lyceum, *arguments: str) -> "subprocess.CompletedProcess[str]":
    done = lyceum.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
