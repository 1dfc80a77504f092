"""Restored elsewhere, a database is the same: row by row, and in who may see what."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import connect, errors, sql

from backup.means import Means
from backup.restore import restore
from backup.take import take
from core.analysts import NewAnalyst, create_analyst
from core.database.address import login_conninfo
from core.settings import Settings
from core.tenants import Tenant
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from tests.harness.database import Database
from tests.harness.statements import make_envelope, make_statement
from tests.integration.backup.contents import contents, rights

pytestmark = pytest.mark.both_databases
# So that there are several chunks and partitions, and one statement in the default one.
STORED = [datetime(2026, month, 5, tzinfo=UTC) for month in (1, 3, 6)] + [datetime(2035, 1, 1, tzinfo=UTC)]


def fill(database: Database, slug: str) -> Tenant:
    tenant = database.tenant(slug)
    body = {"extensions": {"https://x.example/é": "tab \t, \\N, 'quotes' and \"more\""}}
    envelopes = [(make_envelope(tenant.tenant_id, make_statement(result=body)), stored) for stored in STORED]
    with database.service("ingest") as connection:
        prepare_staging(connection)
        row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant.tenant_id]]).fetchone()
        assert row is not None
        write(connection, "xapi", row[0], envelopes, Vocabulary())
        connection.execute("select ingest.number_batches()")
    return tenant


def drop_logins(database: Database, roles: list[str]) -> None:
    """As on another server, which never had them."""
    with database.admin() as connection:
        for role in roles:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def settings(server: Settings, database: Database) -> Settings:
    return server.model_copy(update={"database": database.settings})


def test_restore__equal_row_by_row(
    settings: Settings, restored: Database, means: Means, backup: Path, proof: Callable[..., None]
) -> None:
    database = Database(restored.edition, settings.database, restored.key)
    tenants = [fill(database, slug) for slug in ("one", "two")]
    with database.admin() as connection:
        issued = create_analyst(connection, "one", NewAnalyst("Ada", expires_at=datetime(2100, 1, 1, tzinfo=UTC)))
    with database.admin() as connection:
        rows, allowed = contents(connection), rights(connection)
    assert all(allowed.values())
    take(settings, backup, means, jobs=2)
    drop_logins(database, [issued.analyst.role_name, *(tenant.reader for tenant in tenants)])

    done = restore(settings.model_copy(update={"database": restored.settings}), backup, means)
    with restored.admin() as connection:
        assert contents(connection) == rows
        assert rights(connection) == allowed
    assert not done.migrated.applied
    assert done.without_password == []
    with restored.reader(tenants[0]) as reader:
        # Views and policies are two ways in, and both are shut to the other tenant.
        seen = reader.execute("select distinct tenant_id from tenant.statements").fetchall()
        assert seen == [(tenants[0].tenant_id,)]
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("select from xapi.statements")
    with connect(login_conninfo(restored.settings, issued.analyst.role_name, issued.password)) as analyst:
        assert analyst.execute("select slug from control.tenants").fetchall() == [("one",)]
    proof(tables=len(rows), rows=sum(map(len, rows.values())), different=0)
    # Writing goes on: sequences, partitions and chunks are where they were.
    fill(restored, "three")
