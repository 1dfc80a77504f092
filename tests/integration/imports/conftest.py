import pytest

from tests.harness.database import Database
from tests.integration.imports.exports import School


@pytest.fixture
def school(database: Database) -> School:
    return School(database, database.tenant("school"))
