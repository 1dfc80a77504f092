from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database
from tests.integration.lake.lakes import Lake


@pytest.fixture
def lake(server: Settings, database: Database, tmp_path: Path) -> Lake:
    return Lake(server, database, tmp_path / "lake")
