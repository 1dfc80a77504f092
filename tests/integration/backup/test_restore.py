"""Restored elsewhere, a database is the same: row by row, and in who may see what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg import errors, sql

from backup.means import Means
from backup.restore import restore
from backup.take import take
from core.analysts import NewAnalyst, create_analyst
from core.database.address import login_conninfo
from core.settings import Settings
from core.tenants import Tenant
from core.writer.write import write
from psycopg import connect
from tests.harness.database import Database
from tests.harness.statements import NOW, make_envelope, make_statement
from tests.integration.backup.contents import contents
from tests.integration.database.schema import describe_schema

pytestmark = pytest.mark.both_databases
STATEMENTS = 40


@pytest.fixture
def schools(database: Database) -> list[Tenant]:
    return [fill(database, slug) for slug in ("one", "two")]
