"""Plain CSV: one file a table, named as the table."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from core.errors import UserError
from ingest.imports.checking import Sheet, refuse_wrong_header
from ingest.imports.columns import SHEET_TYPES, SheetType
from ingest.imports.files import open_csv
from ingest.imports.reading import read_csv
from ingest.imports.run import Part

BY_NAME = {sheet_type.name: sheet_type for sheet_type in SHEET_TYPES}


def find_sheets(source: Path) -> list[tuple[SheetType, Path]]:
    """In the order in which one refers to another."""
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    unknown = [path.name for path in files if path.stem not in BY_NAME]
    if unknown or not files:
        found = f"{unknown[0]!r} is the name of no table" if unknown else f"There is no .csv file in {source}"
        raise UserError(f"{found}.", f"Name each file as its table: {', '.join(f'{name}.csv' for name in BY_NAME)}.")
    return sorted(((BY_NAME[path.stem], path) for path in files), key=lambda found: SHEET_TYPES.index(found[0]))


def plain_reader(
    files: Sequence[tuple[SheetType, Path]], encoding: str | None, *, is_complete: bool
) -> Callable[[DuckDBPyConnection, Path], Iterator[Part]]:
    def read(workbench: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
        for sheet_type, path in files:
            file = open_csv(path, folder, encoding)
            refuse_wrong_header(sheet_type, file)
            read_csv(workbench, file, sheet_type.name)
            yield Part(file.name, [Sheet(sheet_type, file, sheet_type.name, file.header, is_complete=is_complete)])
            workbench.execute(f"drop table {sheet_type.name}")
            file.path.unlink()

    return read
