from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[Lrs]:
    with running_lrs(server, database, find_free(set()), tmp_path / "lrs.log", LYCEUM_LRS_AUTH_REFRESH="0.5") as lrs:
        yield lrs
