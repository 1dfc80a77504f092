"""Brings a database to the present schema: roles, extension, migrations, partitions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from psycopg import Connection
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import NullPool, create_engine

from core.database.address import SERVICE_ROLES, connect_admin, password_setting
from core.database.edition import MINIMUM_VERSION, Edition, can_have_timescaledb, detect_edition
from core.database.readers import watch_readers
from core.database.roles import OWNER, close_large_objects, ensure_roles, grant_database, set_passwords
from core.errors import UserError
from core.settings import DatabaseSettings

VERSION_SCHEMA = "control"
MIGRATIONS = Path(__file__).parent / "migrations"
# Two migrators queue here. Any number does, as long as nobody else uses it.
LOCK = 4_917_301_100
PARTITIONS_AHEAD = timedelta(days=92)


@dataclass
class MigrationReport:
    edition: Edition
    roles_made: list[str] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    partitions_made: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.roles_made or self.applied or self.partitions_made)


def migrate(database: DatabaseSettings) -> MigrationReport:
    with _transaction(database) as bind:
        connection = driver_connection(bind)
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        roles_made = _prepare(connection, database)
        report = MigrationReport(detect_edition(connection), roles_made)
        report.applied = _upgrade(bind)
        report.partitions_made = ensure_partitions(connection)
    return report


def pending_migrations(database: DatabaseSettings) -> list[str]:
    """What `migrate` would apply, oldest first."""
    with _transaction(database) as bind:
        heads = MigrationContext.configure(bind, opts={"version_table_schema": VERSION_SCHEMA}).get_current_heads()
    script = ScriptDirectory.from_config(_config())
    try:
        pending = [revision.revision for revision in script.iterate_revisions("heads", heads)]
    except RevisionError as error:
        raise UserError(
            f"The database is at migration {', '.join(heads)}, which this version of Lyceum does not know.",
            "Upgrade Lyceum: the database was migrated by a newer one.",
        ) from error
    return pending[::-1]


def knows_migration(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except (RevisionError, CommandError):
        return False


def ensure_partitions(connection: Connection) -> int:
    """Months ahead on PostgreSQL; nothing to do on TimescaleDB."""
    row = connection.execute(
        "select xapi.ensure_partitions((now() - interval '1 month')::date, (now() + %s)::date)", [PARTITIONS_AHEAD]
    ).fetchone()
    return int(row[0]) if row else 0


def driver_connection(bind: SqlConnection) -> Connection:
    connection = bind.connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError(f"expected a psycopg connection, got {type(connection)}")
    return connection


@contextmanager
def _transaction(database: DatabaseSettings) -> Iterator[SqlConnection]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect_admin(database), poolclass=NullPool)
    with engine.begin() as bind:
        yield bind


def _prepare(connection: Connection, database: DatabaseSettings) -> list[str]:
    if connection.info.server_version < MINIMUM_VERSION:
        raise UserError(
            f"PostgreSQL {connection.info.server_version // 10000} is too old.",
            f"Lyceum needs {MINIMUM_VERSION // 10000} or newer.",
        )
    roles_made = ensure_roles(connection)
    set_passwords(connection, _known_passwords(database))
    grant_database(connection)
    close_large_objects(connection)
    watch_readers(connection)
    if can_have_timescaledb(connection):
        connection.execute("create extension if not exists timescaledb")
    # From here on as the owner, so that everything made is the owner's.
    connection.execute(f"set local role {OWNER}")
    connection.execute(f"create schema if not exists {VERSION_SCHEMA}")
    return roles_made


def _upgrade(bind: SqlConnection) -> list[str]:
    applied: list[str] = []

    def note(**event: Any) -> None:
        applied.append(Path(event["step"].up_revision.path).stem)

    config = _config()
    config.attributes.update(connection=bind, on_version_apply=note)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UserError(
            f"The database cannot be migrated: {error}.", "It may have been migrated by a newer Lyceum: upgrade Lyceum."
        ) from error
    return applied


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known_passwords(database: DatabaseSettings) -> Mapping[str, str]:
    passwords = {role: getattr(database, password_setting(role)) for role in SERVICE_ROLES}
    return {role: password.get_secret_value() for role, password in passwords.items() if password is not None}
