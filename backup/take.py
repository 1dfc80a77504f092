"""Takes a backup: the database as of one moment, then the attachments, which are never changed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import tomli_w
from psycopg import Connection, IsolationLevel, errors

from backup import attachments
from backup.logins import list_logins
from backup.manifest import DATABASE, SECRETS, File, Manifest, list_files, write_durably, write_manifest
from backup.means import Means
from backup.programs import find_programs, run
from backup.tables import count_rows
from core.database.address import admin_conninfo, connect_admin
from core.database.edition import detect_edition
from core.database.turn import PATIENCE, wait_for_turn
from core.errors import UserError
from core.secrets import SecretKey
from core.settings import DatabaseSettings, Settings


class Taking(NamedTuple):
    """`connection` keeps the moment that everything is of."""

    settings: Settings
    means: Means
    making: Path
    connection: Connection


def take(settings: Settings, folder: Path, means: Means, *, with_secrets: bool = False, jobs: int = 1) -> Manifest:
    """Whole, or nothing: it gets its name when it is complete."""
    with _making(folder) as making, connect_admin(settings.database) as connection:
        taking = Taking(settings, means, making, connection)
        _refuse_empty(settings.database)
        with _no_refresh(taking):
            _begin(connection)
            dumped_by = _dump(taking, jobs)
            tables = _count(taking)
        copied = attachments.copy_out(means.objects, making, means.progress)
        if with_secrets:
            write_durably(making / SECRETS, _secrets(settings))
        manifest = _describe(taking, dumped_by, tables, copied)
        write_manifest(making, manifest)
    return manifest


def _refuse_empty(database: DatabaseSettings) -> None:
    with connect_admin(database) as connection:
        if connection.execute("select to_regclass('intermediate.turn')").fetchone() == (None,):
            raise UserError("There is nothing to back up: the database is not migrated.", "Run `lyceum migrate`.")


@contextmanager
def _no_refresh(taking: Taking) -> Iterator[None]:
    """A refresh empties and swaps tables: while these are read it would wait, and all readers behind it."""
    taking.means.progress("waiting for the refresh of the marts")
    with connect_admin(taking.settings.database) as connection:
        if not wait_for_turn(connection):
            raise UserError(
                f"The marts have been under refresh for {PATIENCE}.", "Repeat the command when that refresh is done."
            )
        yield


def _begin(connection: Connection) -> None:
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    # Rather an error than the rows of some only.
    connection.execute("set row_security = off")


def _dump(taking: Taking, jobs: int) -> int:
    """By which version."""
    programs = find_programs(taking.means.places, taking.connection.info.server_version // 10000)
    (snapshot,) = taking.connection.execute("select pg_export_snapshot()").fetchone() or ("",)
    target = taking.making / DATABASE
    arguments = ["--format=directory", f"--file={target}", f"--snapshot={snapshot}", f"--jobs={jobs}", "--compress=1"]
    conninfo = admin_conninfo(taking.settings.database)
    run(programs.folder / "pg_dump", conninfo, arguments, taking.means.progress)
    return programs.major


def _describe(taking: Taking, dumped_by: int, tables: dict[str, int], copied: dict[str, int]) -> Manifest:
    connection, making = taking.connection, taking.making
    edition = detect_edition(connection)
    row = connection.execute("select version_num from control.alembic_version").fetchone()
    return Manifest(
        lyceum=version("lyceum"),
        made_at=datetime.now(UTC),
        server_version=edition.server_version,
        dumped_by=dumped_by,
        timescaledb=edition.timescaledb,
        migration=str(row[0]) if row else "",
        key=SecretKey(taking.settings.secret_key).fingerprint(),
        has_secrets=(making / SECRETS).exists(),
        tables=tables,
        logins=list_logins(connection),
        files=_list_files(taking),
        missing=attachments.missing(connection, copied),
    )


def _count(taking: Taking) -> dict[str, int]:
    taking.means.progress("counting")
    try:
        return count_rows(taking.connection)
    except errors.InsufficientPrivilege as error:
        raise UserError(
            "The login in LYCEUM_DATABASE_URL does not see every row.", "Use a superuser, or one with BYPASSRLS."
        ) from error


def _list_files(taking: Taking) -> list[File]:
    taking.means.progress("checksums")
    return list_files(taking.making)


def _secrets(settings: Settings) -> bytes:
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    return tomli_w.dumps({"secret_key": secret}).encode()


@contextmanager
def _making(folder: Path) -> Iterator[Path]:
    folder = folder.absolute()
    if folder.exists():
        raise UserError(f"{folder} exists already.", "Name a folder that does not exist: each backup has its own.")
    making = folder.with_name(f".{folder.name}.making-{os.getpid()}")
    try:
        making.mkdir(mode=0o700, parents=True)
        yield making
        _sync_all(making)
        making.rename(folder)
        _sync(folder.parent)
    except OSError as error:
        raise UserError(
            f"The backup could not be written to {folder}: {error.strerror or error}.",
            "Free some space, or name a folder on another disk that you may write to.",
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o700 if path.is_dir() else 0o600)
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
