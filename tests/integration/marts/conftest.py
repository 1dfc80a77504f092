from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database
from tests.harness.marts import Marts, make_marts


@pytest.fixture
def marts(server: Settings, database: Database, tmp_path: Path) -> Marts:
    return make_marts(server, database, tmp_path)
