"""One moment of the database, at which no refresh of the marts is under way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection, IsolationLevel, OperationalError, connect, errors

from core.database.address import DatabaseUnreachableError, describe, role_conninfo
from core.database.turn import PATIENCE, wait_for_turn
from core.errors import UserError
from core.settings import Settings
from lake.tables import Table, find_marts, lock_marts

ROLE = "lyceum_transform"

LAST_REFRESH = """
select max(as_of) from marts.refreshes where tenant_id is null or tenant_id = %s
"""
IS_WHOLE = """
select not exists (
    select from intermediate.refresh where run_id not in (select run_id from marts.refreshes)
)
"""


class LakeBusyError(UserError):
    exit_code = 3


class Snapshot(NamedTuple):
    """`marts` is none where the last refresh was broken off: some are newer than others."""

    marts: list[Table] | None
    marts_as_of: datetime | None


@contextmanager
def lake_turn(settings: Settings) -> Iterator[None]:
    """Never two exports at once. It ends with the connection, whatever becomes of this process."""
    with connected(settings) as connection, connection.transaction():
        try:
            connection.execute("lock table control.lake_turn in share update exclusive mode nowait")
        except errors.LockNotAvailable as error:
            raise LakeBusyError("The lake is being exported already.", "Wait until that export is done.") from error
        yield


@contextmanager
def snapshot(connection: Connection, beside: Connection, tenant_id: int) -> Iterator[Snapshot]:
    """`beside` keeps refreshes out until the snapshot is taken, and no longer."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        with _no_refresh(beside):
            found = _look(connection, tenant_id)
        yield found


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    conninfo = role_conninfo(settings.database, ROLE)
    try:
        connection = connect(conninfo, autocommit=True)
    except OperationalError as error:
        raise DatabaseUnreachableError(
            f"The database at {describe(conninfo)} cannot be reached.", "Is it running? `lyceum status` says so."
        ) from error
    with connection:
        yield connection


@contextmanager
def _no_refresh(beside: Connection) -> Iterator[None]:
    with beside.transaction():
        if not wait_for_turn(beside):
            raise LakeBusyError(
                f"The marts have been under refresh for {PATIENCE}.", "Export when that refresh is done."
            )
        yield


def _look(connection: Connection, tenant_id: int) -> Snapshot:
    whole = connection.execute(IS_WHOLE).fetchone()
    last = connection.execute(LAST_REFRESH, [tenant_id]).fetchone()
    if whole != (True,):
        return Snapshot(None, None)
    marts = find_marts(connection)
    lock_marts(connection, marts)
    return Snapshot(marts, last[0] if last else None)
