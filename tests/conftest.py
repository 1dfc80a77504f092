import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database, cloned
from tests.harness.servers import EDITIONS, running_settings

# What the developer has set for a Lyceum of their own must not reach the tests.
for variable in [name for name in os.environ if name.startswith("LYCEUM_")]:
    del os.environ[variable]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`edition` is TimescaleDB, or both databases where the test carries the marker `both_databases`."""
    if "edition" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        metafunc.parametrize("edition", EDITIONS if both else EDITIONS[:1], scope="session")


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "servers"


@pytest.fixture(scope="session")
def server(edition: str, server_folder: Path, worker_id: str) -> Settings:
    run_pid = os.getpid() if worker_id == "master" else os.getppid()
    return running_settings(server_folder, edition, run_pid)


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database
