from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database
from tests.harness.marts import Marts, make_marts, with_marts


@pytest.fixture
def database(server: Settings, edition: str, server_folder: Path, worker_id: str) -> Iterator[Database]:
    with with_marts(server, edition, server_folder, worker_id) as database:
        yield database


@pytest.fixture
def marts(server: Settings, database: Database, tmp_path: Path) -> Marts:
    return make_marts(server, database, tmp_path)
