"""An import: every file read and checked, then each written in one transaction, or none of it."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_bytes

from duckdb import DuckDBPyConnection
from psycopg import Connection, Rollback

from core.lms.apply import apply_events, take_turns
from core.lms.merging import merge_staged
from core.lms.staging import prepare_staging
from core.lms.waiting import release_known
from ingest.imports.checking import Sheet, refuse_wrong_values
from ingest.imports.problems import RefusedError
from ingest.imports.reading import Desk, open_workbench
from ingest.imports.references import refuse_unknown
from ingest.imports.staging import Mark, stage_sheet, staged_name

# Says what is being done: for people who wait.
Notice = Callable[[str], None]
# A source reads its files into the workbench and says which sheets must be written together.
Reader = Callable[[DuckDBPyConnection, Path], Iterator["Part"]]


@dataclass(frozen=True)
class Part:
    """What is written in one transaction: a file, or a bundle of them."""

    name: str
    sheets: Sequence[Sheet]


@dataclass(frozen=True)
class Order:
    tenant_id: int
    time_zone: str
    as_of: datetime
    is_dry: bool


@dataclass(frozen=True)
class Imported:
    file: str
    table: str
    rows: int
    new: int
    changed: int
    removed: int
    seconds: float
    is_known: bool = False


def run_import(connection: Connection, order: Order, read: Reader, notice: Notice) -> list[Imported]:
    """`connection` is ingest's, outside of a transaction."""
    prepare_staging(connection)
    connection.commit()
    imported: list[Imported] = []
    with tempfile.TemporaryDirectory(prefix="lyceum-import-") as name, _perhaps_dry(connection, order.is_dry):
        folder = Path(name)
        with open_workbench(folder, order.time_zone) as workbench:
            desk = Desk(workbench, folder, connection)
            try:
                for part in read(workbench, folder):
                    imported += _import_part(desk, order, part, notice)
            except RefusedError as error:
                raise error.after([one.file for one in imported if not order.is_dry]) from error.__cause__
    return imported


def _import_part(desk: Desk, order: Order, part: Part, notice: Notice) -> list[Imported]:
    notice(f"{part.name}: checking")
    for sheet in part.sheets:
        refuse_wrong_values(desk.workbench, sheet)
    with desk.connection.transaction():
        return _write_part(desk, order, part, notice)


@contextmanager
def _perhaps_dry(connection: Connection, is_dry: bool) -> Iterator[None]:
    """A dry run does everything, so that one file finds what another brought, and takes it all back."""
    if not is_dry:
        yield
        return
    with connection.transaction() as transaction:
        yield
        raise Rollback(transaction)


def _write_part(desk: Desk, order: Order, part: Part, notice: Notice) -> list[Imported]:
    connection = desk.connection
    connection.execute(
        "select set_config('lyceum.tenant', %s, true), set_config('TimeZone', %s, true)",
        [str(order.tenant_id), order.time_zone],
    )
    take_turns(connection, [order.tenant_id])
    digest = _digest(part)
    if _is_known(connection, order, part, digest):
        return [Imported(part.name, sheet.type.name, 0, 0, 0, 0, 0, is_known=True) for sheet in part.sheets]
    row = connection.execute("select ingest.open_batch('import', %s)", [[order.tenant_id]]).fetchone()
    batch_id = row[0] if row else 0
    mark = Mark(order.tenant_id, order.as_of, import_key())
    imported = []
    for sheet in part.sheets:
        notice(f"{part.name}: writing {sheet.type.name}")
        imported.append(_write_sheet(desk, sheet, mark, batch_id))
    apply_events(connection, batch_id, release_known(connection, order.tenant_id))
    connection.execute(
        "insert into lms.imports (tenant_id, import_key, name, digest, as_of, batch_id) "
        "values (%s, %s, %s, %s, %s, %s)",
        [order.tenant_id, mark.event_key, part.name, digest, order.as_of, batch_id],
    )
    return imported


def _write_sheet(desk: Desk, sheet: Sheet, mark: Mark, batch_id: int) -> Imported:
    began, connection = time.monotonic(), desk.connection
    filled = stage_sheet(desk, sheet, mark)
    refuse_unknown(desk, sheet)
    rows, new = _count_staged(connection, sheet)
    merge_staged(connection, batch_id, filled)
    written, removed = _count_written(connection, sheet, mark.tenant_id, batch_id)
    seconds = time.monotonic() - began
    return Imported(sheet.file.name, sheet.type.name, rows, new, written - removed - new, removed, seconds)


def _count_staged(connection: Connection, sheet: Sheet) -> tuple[int, int]:
    same = " and ".join(f"known.{name} = staged.{name}" for name in ("tenant_id", *sheet.type.key))
    row = connection.execute(
        f"select count(*), count(*) filter (where known.tenant_id is null) from staged_{staged_name(sheet)} as staged "
        f"left join lms.{sheet.type.name} as known on {same}"
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _count_written(connection: Connection, sheet: Sheet, tenant_id: int, batch_id: int) -> tuple[int, int]:
    removed = "removed_at is not null" if sheet.type.listing else "false"
    row = connection.execute(
        f"select count(*), count(*) filter (where {removed}) from lms.{sheet.type.name} "
        "where tenant_id = %s and batch_id = %s",
        [tenant_id, batch_id],
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _is_known(connection: Connection, order: Order, part: Part, digest: bytes) -> bool:
    """The very same file, for the very same time, and nothing else for that time since."""
    row = connection.execute(
        "select digest from lms.imports where tenant_id = %s and name = %s and as_of = %s "
        "order by import_key desc limit 1",
        [order.tenant_id, part.name, order.as_of],
    ).fetchone()
    return row is not None and bytes(row[0]) == digest


def _digest(part: Part) -> bytes:
    whole = sha256()
    for path in dict.fromkeys(sheet.file.path for sheet in part.sheets):
        with path.open("rb") as file:
            whole.update(file_digest(file, "sha256").digest())
    return whole.digest()


def import_key() -> bytes:
    """Of two imports for the same time the later one wins: its key begins with when it was made."""
    milliseconds = time.time_ns() // 1_000_000
    return milliseconds.to_bytes(6, "big") + token_bytes(10) + bytes(16)
