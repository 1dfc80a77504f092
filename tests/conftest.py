import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest

from core.settings import Settings
from tests.harness.command import Command
from tests.harness.database import Database, cloned
from tests.harness.proof import PROPERTY, ProofPage, describe
from tests.harness.scheduling import OnePlatformAtATime
from tests.harness.servers import EDITIONS, run_pid, running_settings
from tests.harness.sizes import sizes_of

# What the developer has set for a Lyceum of their own must not reach the tests.
for variable in [name for name in os.environ if name.startswith("LYCEUM_")]:
    del os.environ[variable]


# How long an example takes says nothing of the code on a machine that runs servers beside it.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--size", choices=["small", "full"], default="small", help="which sizes of tests/sizes.toml")
    parser.addoption("--proof", metavar="FILE", help="write the figures that the tests saw to this page")


def pytest_configure(config: pytest.Config) -> None:
    proof = config.getoption("--proof")
    if proof and not hasattr(config, "workerinput"):
        is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
        config.pluginmanager.register(ProofPage(Path(proof), config.getoption("--size"), is_whole=is_whole))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OnePlatformAtATime:
    return OnePlatformAtATime(config, log)


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> SimpleNamespace:
    return sizes_of(pytestconfig)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Says what the test saw: `proof(statements=…, lost=0)`."""

    def record(**figures: Any) -> None:
        request.node.user_properties.append((PROPERTY, describe(figures)))

    return record


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`edition` is TimescaleDB; or both databases where the test carries the marker `both_databases`, or at full size
    `both_databases_at_full_size`."""
    if "edition" in metafunc.fixturenames:
        markers = ["both_databases", "both_databases_at_full_size"]
        wanted = markers if metafunc.config.getoption("--size") == "full" else markers[:1]
        both = any(metafunc.definition.get_closest_marker(marker) for marker in wanted)
        metafunc.parametrize("edition", EDITIONS if both else EDITIONS[:1], scope="session")


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "servers"


@pytest.fixture(scope="session")
def server(edition: str, server_folder: Path, worker_id: str) -> Settings:
    return running_settings(server_folder, edition, run_pid(worker_id))


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture
def lyceum(server: Settings, database: Database) -> Command:
    """The command, on the test's own database."""
    return Command(server, database.settings)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
