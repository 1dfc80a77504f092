"""Rows out of the database, a slice at a time, so that it does not matter how many there are."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from psycopg import Connection
from pyarrow import csv

from lake.columns import Column

MOST_ROWS = 65_536
MOST_BYTES = 16 << 20


def read_slices(connection: Connection, query: str, columns: Sequence[Column]) -> Iterator[pa.Table]:
    """`query` gives `columns`, each by its expression."""
    with connection.cursor() as cursor, cursor.copy(f"copy ({query}) to stdout (format csv)") as copy:
        rows: list[bytes] = []
        size = 0
        for row in copy:
            rows.append(bytes(row))
            size += len(row)
            if size >= MOST_BYTES or len(rows) >= MOST_ROWS:
                yield _table(rows, size, columns)
                rows, size = [], 0
        if rows:
            yield _table(rows, size, columns)


def _table(rows: list[bytes], size: int, columns: Sequence[Column]) -> pa.Table:
    read = csv.read_csv(
        pa.BufferReader(b"".join(rows)),
        # One block, since a row must not lie across two.
        read_options=csv.ReadOptions(
            column_names=[column.name for column in columns], block_size=size + 1, use_threads=False
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={column.name: column.carried for column in columns},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return read.cast(pa.schema([column.field for column in columns]))
