from pathlib import Path

import pytest

from tests.harness.bulk import School, Write, make_school
from tests.harness.command import Command
from tests.harness.database import Database


@pytest.fixture
def school(database: Database, lyceum: Command) -> School:
    return make_school(database, lyceum)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write
