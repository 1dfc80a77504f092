import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.attachments import Objects
from backup.means import Means
from core.objects import open_objects
from core.settings import Settings
from local.postgres import wheel_binaries
from tests.harness.database import Database, empty_database


@pytest.fixture
def restored(server: Settings, edition: str, database: Database) -> Iterator[Database]:
    """Another database, in which nothing is yet."""
    with empty_database(server, f"test_{secrets.token_hex(6)}") as settings:
        yield Database(edition, settings, database.key)


@pytest.fixture
def means(tmp_path: Path) -> Means:
    folder = tmp_path / "objects"
    objects = Objects(*open_objects("LYCEUM_LRS_ATTACHMENTS", folder.as_uri(), folder))
    return Means(objects, [wheel_binaries()], lambda _: None)
