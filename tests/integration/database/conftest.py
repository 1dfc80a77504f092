from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.database import Database, cloned
from tests.harness.servers import EDITIONS, run_pid, running_settings


@pytest.fixture(scope="module")
def two_databases(server_folder: Path, worker_id: str) -> Iterator[tuple[Database, Database]]:
    """TimescaleDB and PostgreSQL, side by side."""
    with ExitStack() as stack:
        servers = [(running_settings(server_folder, edition, run_pid(worker_id)), edition) for edition in EDITIONS]
        first, second = (stack.enter_context(cloned(server, edition, server_folder)) for server, edition in servers)
        yield first, second
