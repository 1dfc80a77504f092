from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database, cloned
from tests.harness.own_servers import OwnServers, own_servers
from tests.harness.pipeline import Pipeline, laid
from tests.harness.sizes import sizes_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`pair`: which two die at once, as many as the size has."""
    if "pair" in metafunc.fixturenames:
        metafunc.parametrize("pair", sizes_of(metafunc.config).killed_pairs, ids=" and ".join)


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path) as pipeline:
        yield pipeline


# Servers that these tests may kill: one test after the other begins with both of them running.


@pytest.fixture(scope="package")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    with own_servers(tmp_path_factory.mktemp("own")) as servers:
        yield servers


@pytest.fixture
def servers(shared_servers: OwnServers) -> OwnServers:
    shared_servers.mend()
    return shared_servers


@pytest.fixture
def own_database(servers: OwnServers, shared_servers: OwnServers) -> Iterator[Database]:
    with cloned(servers.settings, "timescaledb", shared_servers.folder) as database:
        yield database


@pytest.fixture
def own_pipeline(servers: OwnServers, own_database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(servers.settings, own_database, tmp_path) as pipeline:
        yield pipeline
        # Whatever the test left behind, the topics are deleted.
        servers.mend()
