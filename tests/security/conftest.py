from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database, cloned
from tests.harness.planting import Planted, plant


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    """One for a whole file: an attack that changes nothing leaves nothing behind."""
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture(scope="module")
def planted(database: Database) -> Planted:
    ours, our_mark = plant(database, "ours")
    theirs, their_mark = plant(database, "theirs")
    with database.admin(autocommit=True) as connection:
        connection.execute("analyze")
    return Planted(ours, our_mark, theirs, their_mark)
