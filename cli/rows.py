"""What a query gave, for people or for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Literal

from psycopg import Connection, Error, errors
from psycopg.rows import dict_row

from cli.context import print_table, say
from core.errors import UserError

Format = Literal["table", "csv", "json"]
Rows = Iterable[dict[str, Any]]

# A terminal is no place for more.
MOST_IN_TABLE = 1000


def print_query(connection: Connection, query: str, form: Format) -> None:
    """Row by row where the form allows, however many there are."""
    try:
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = iter(cursor.stream(query.encode()))
            first = list(islice(rows, 1))
            columns = [column.name for column in cursor.description or []]
            PRINTERS[form](columns, (row for part in (first, rows) for row in part))
    except errors.QueryCanceled as error:
        raise UserError("The query was ended: it took longer than this login may.", "Narrow it down.") from error
    except Error as error:
        raise UserError(f"{_reason(error)}.", error.diag.message_hint or "") from error


def _reason(error: Error) -> str:
    return (error.diag.message_primary or str(error).strip()).rstrip(".")


def _print_table(columns: Sequence[str], rows: Rows) -> None:
    some = list(islice(rows, MOST_IN_TABLE + 1))
    shown = [[_text(value) for value in row.values()] for row in some[:MOST_IN_TABLE]]
    print_table(list(columns), shown, "No rows.")
    if len(some) > MOST_IN_TABLE:
        say(f"The first {MOST_IN_TABLE:,} rows; `--format csv` gives all.")


def _print_csv(columns: Sequence[str], rows: Rows) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(value) for value in row.values()] for row in rows)


def _print_json(_columns: Sequence[str], rows: Rows) -> None:
    """An array, a row a line."""
    separator = "["
    for row in rows:
        sys.stdout.write(f"{separator}\n{json.dumps(row, default=str, ensure_ascii=False)}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)


PRINTERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}
