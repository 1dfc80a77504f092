"""A CSV file into a table of texts, in a DuckDB of the import's own, which spills to disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection
from psycopg import Connection

from ingest.imports.files import CsvFile
from ingest.imports.problems import LONGEST_RECORD, MOST_LISTED, Problem, RefusedError

MEMORY = "200MB"
ROW = "_row"


class Desk(NamedTuple):
    """What an import works with: its own DuckDB, a folder for what it puts down, and the database."""

    workbench: DuckDBPyConnection
    folder: Path
    connection: Connection


@contextmanager
def open_workbench(folder: Path, time_zone: str) -> Iterator[DuckDBPyConnection]:
    with duckdb.connect(str(folder / "work.duckdb")) as workbench:
        workbench.execute(f"set memory_limit = '{MEMORY}'")
        # With two, writing a million rows takes 170 MB more and is no faster.
        workbench.execute("set threads = 1")
        workbench.execute(f"set temp_directory = '{folder}'")
        workbench.execute("set TimeZone = ?", [time_zone])
        yield workbench


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def read_csv(workbench: DuckDBPyConnection, file: CsvFile, table: str) -> int:
    """How many rows there are. Column names are as in the header; the table's first column numbers the records."""
    workbench.execute(f"drop table if exists {quoted(table)}")
    columns = dict.fromkeys(file.header, "VARCHAR")
    try:
        workbench.execute(
            f"create table {quoted(table)} as select row_number() over () as {ROW}, * from read_csv("
            "?, header = true, auto_detect = false, columns = ?, delim = ?, quote = '\"', escape = '\"', "
            "all_varchar = true, nullstr = '', strict_mode = true, store_rejects = true, rejects_limit = ?, "
            f"max_line_size = {LONGEST_RECORD}, parallel = true)",
            [str(file.path), columns, file.delimiter, MOST_LISTED],
        )
    except duckdb.Error as error:
        raise RefusedError([Problem(file.name, None, "", "", str(error).splitlines()[0])]) from error
    _refuse_rejected(workbench, file)
    (count,) = workbench.execute(f"select count(*) from {quoted(table)}").fetchall()[0]
    return int(count)


def _refuse_rejected(workbench: DuckDBPyConnection, file: CsvFile) -> None:
    rejected = workbench.execute(
        "select line_byte_position, arg_min(column_name, column_idx), any_value(csv_line), "
        "arg_min(error_message, column_idx) from reject_errors group by 1 order by 1"
    ).fetchall()
    if not rejected:
        return
    text = file.path.read_bytes()
    raise RefusedError(
        [
            Problem(file.name, _line_at(text, position), column or "", (line or "").strip(), message.rstrip("."))
            for position, column, line, message in rejected
        ]
    )


def _line_at(text: bytes, position: int) -> int:
    """Empty lines before a record count to it in DuckDB."""
    while text[position : position + 1] in (b"\r", b"\n"):
        position += 1
    return text.count(b"\n", 0, position) + 1
