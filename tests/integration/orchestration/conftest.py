import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dagster import DagsterInstance

from core.database.address import admin_conninfo, password_setting
from core.settings import Settings
from orchestration.instance import STORAGE_VARIABLE, storage_url, write_home
from orchestration.manifest import ensure_manifest
from tests.harness.database import Database
from tests.harness.marts import with_marts

# Tests import the definitions, and those are made from it.
ensure_manifest()

ROLES = ("lyceum_ingest", "lyceum_transform", "lyceum_dagster")


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture
def surroundings(server: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """What a process that Dagster makes finds; Dagster's storage is in the test's database."""
    kafka = server.kafka.model_copy(update={"topic_prefix": f"t{secrets.token_hex(5)}."})
    settings = server.model_copy(update={"database": database.settings, "kafka": kafka})
    monkeypatch.setenv("LYCEUM_KAFKA_TOPIC_PREFIX", kafka.topic_prefix)
    monkeypatch.setenv("LYCEUM_HOME", str(server.home))
    monkeypatch.setenv("LYCEUM_DATABASE_URL", admin_conninfo(database.settings))
    for role in ROLES:
        password = getattr(database.settings, password_setting(role)).get_secret_value()
        monkeypatch.setenv(f"LYCEUM_DATABASE_{password_setting(role).upper()}", password)
    monkeypatch.setenv(STORAGE_VARIABLE, storage_url(settings))
    folder = tmp_path / "dagster"
    write_home(folder, code_port=1)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return settings


@pytest.fixture
def instance(surroundings: Settings) -> Iterator[DagsterInstance]:
    with ExitStack() as stack:
        instance = stack.enter_context(DagsterInstance.get())
        yield instance
