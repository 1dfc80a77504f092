"""Restores a backup into a database that nobody uses yet: all of it, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection, sql

from backup.attachments import copy_in
from backup.check import verify
from backup.logins import make_logins
from backup.manifest import DATABASE, SECRETS, Manifest
from backup.means import Means
from backup.programs import Programs, Progress, find_programs, run
from backup.tables import count_rows, list_schemas, list_tables, refuse_difference
from core.database.address import SERVICE_ROLES, admin_conninfo, connect_admin
from core.database.migrate import MigrationReport, knows_migration, migrate
from core.database.roles import ensure_roles
from core.errors import UserError
from core.secrets import SecretKey
from core.settings import DatabaseSettings, Settings

FRESH = "Make a new database and name it in LYCEUM_DATABASE_URL, or begin with a new home folder (LYCEUM_HOME)."


class Restored(NamedTuple):
    manifest: Manifest
    migrated: MigrationReport
    attachments: int
    # Analysts' logins whose passwords the backup does not have.
    without_password: list[str]


def restore(settings: Settings, folder: Path, means: Means) -> Restored:
    progress = means.progress
    progress("checksums")
    manifest = verify(folder)
    key = SecretKey(settings.secret_key)
    _refuse_other_key(folder, manifest, key)
    with connect_admin(settings.database, autocommit=True) as connection:
        _refuse_other_versions(connection, manifest)
        least = max(manifest.dumped_by, connection.info.server_version // 10000)
        programs = find_programs(means.places, least)
        _refuse_used(connection)
        # First what can be repeated.
        written = copy_in(folder, manifest, means.objects, progress)
        _clear(connection)
        ensure_roles(connection)
    _load(settings.database, manifest, programs, folder / DATABASE, progress)
    with connect_admin(settings.database, autocommit=True) as connection:
        progress("counting")
        refuse_difference(manifest.tables, count_rows(connection))
        without_password = make_logins(connection, manifest.logins, key)
        progress("statistics")
        connection.execute("analyze")
    return Restored(manifest, migrate(settings.database), written, without_password)


def _refuse_other_key(folder: Path, manifest: Manifest, key: SecretKey) -> None:
    if manifest.key == key.fingerprint():
        return
    place = f"It is in {folder / SECRETS}. " if manifest.has_secrets else "The backup does not have it. "
    raise UserError(
        "The backup was made under another secret key: under this one, no credential and no reader could log in.",
        f"{place}Set LYCEUM_SECRET_KEY to it, or put it into secrets.toml of the home folder before `lyceum up`.",
    )


def _refuse_other_versions(connection: Connection, manifest: Manifest) -> None:
    if not knows_migration(manifest.migration):
        raise UserError(
            f"The backup is at migration {manifest.migration}, which this version of Lyceum does not know.",
            f"Upgrade Lyceum to {manifest.lyceum} or newer.",
        )
    here, there = connection.info.server_version // 10000, manifest.server_version // 10000
    if here < there:
        raise UserError(
            f"The backup is from PostgreSQL {there}, and this is PostgreSQL {here}.", f"Restore into {there} or newer."
        )
    _refuse_other_extension(connection, manifest.timescaledb)


def _refuse_other_extension(connection: Connection, wanted: str | None) -> None:
    installable = {
        version
        for (version,) in connection.execute(
            "select version from pg_available_extension_versions where name = 'timescaledb'"
        )
    }
    if wanted is not None and wanted not in installable:
        raise UserError(
            f"The backup is from TimescaleDB {wanted}, and this server has "
            f"{', '.join(sorted(installable)) or 'no TimescaleDB'}.",
            f"Restore on a server with TimescaleDB {wanted}, and update the extension afterwards.",
        )


def _refuse_used(connection: Connection) -> None:
    connected = connection.execute(
        "select distinct usename from pg_stat_activity where datname = current_database() and usename = any(%s)",
        [list(SERVICE_ROLES)],
    ).fetchall()
    if connected:
        raise UserError(
            f"Services use this database: {', '.join(sorted(str(name) for (name,) in connected))}.",
            "Stop them: `lyceum down`, then `lyceum up --detach --only database,kafka`.",
        )
    tables = list_tables(connection)
    others = [f"{schema}.{table}" for schema, table in tables if schema == "public"]
    if others or (tables and _has_tenants(connection)):
        raise UserError("The database is not empty, and a restore does not overwrite anything.", FRESH)


def _has_tenants(connection: Connection) -> bool:
    """A database that is migrated and has no tenant has nothing to lose."""
    if connection.execute("select to_regclass('control.tenants')").fetchone() == (None,):
        return True
    return connection.execute("select exists (select from control.tenants)").fetchone() == (True,)


def _clear(connection: Connection) -> None:
    with connection.transaction():
        for schema in list_schemas(connection):
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        connection.execute("drop extension if exists timescaledb cascade")


def _load(database: DatabaseSettings, manifest: Manifest, programs: Programs, source: Path, progress: Progress) -> None:
    arguments = ["--single-transaction", "--exit-on-error", str(source)]
    with _restoring(database, manifest.timescaledb):
        run(programs.folder / "pg_restore", admin_conninfo(database), arguments, progress)


@contextmanager
def _restoring(database: DatabaseSettings, timescaledb: str | None) -> Iterator[None]:
    """TimescaleDB's catalogue comes back as rows: meanwhile it must not act on what it sees."""
    if timescaledb is None:
        yield
        return
    with connect_admin(database, autocommit=True) as connection:
        create = sql.SQL("create extension timescaledb version {}")
        connection.execute(create.format(sql.Literal(timescaledb)))
        connection.execute("select timescaledb_pre_restore()")
    try:
        yield
    finally:
        with connect_admin(database, autocommit=True) as connection:
            connection.execute("select timescaledb_post_restore()")
