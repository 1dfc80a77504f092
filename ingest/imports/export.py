"""The lms tables as plain CSV, which an import reads again."""

from collections.abc import Iterator
from pathlib import Path

from psycopg import Connection

from ingest.imports.columns import MOMENT, PAST, SHEET_TYPES, Column, SheetType


def export_tables(connection: Connection, tenant_id: int, folder: Path) -> Iterator[tuple[str, int]]:
    """The names of the files, and how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("select set_config('lyceum.tenant', %s, true)", [str(tenant_id)])
        for sheet_type in SHEET_TYPES:
            path = folder / f"{sheet_type.name}.csv"
            yield path.name, _export(connection, tenant_id, sheet_type, path)


def _export(connection: Connection, tenant_id: int, sheet_type: SheetType, path: Path) -> int:
    columns = ", ".join(f"{_written(column)} as {column.name}" for column in sheet_type.columns)
    there = " and removed_at is null" if sheet_type.listing else ""
    query = (
        f"copy (select {columns} from lms.{sheet_type.name} where tenant_id = {tenant_id}{there} "
        f"order by {', '.join(sheet_type.key)}) to stdout (format csv, header)"
    )
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for block in copy:
                file.write(block)
        return cursor.rowcount


def _written(column: Column) -> str:
    if column.kind in (MOMENT, PAST):
        return f"to_char({column.name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return f"{column.name}::text"
