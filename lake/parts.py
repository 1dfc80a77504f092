"""A month of a table as one Parquet file."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from lake.manifest import Described, Part
from lake.store import Store
from lake.tables import Table

# Every value is another one: a dictionary would only cost.
UNLIKE = {"statement", "statement_id"}


def write_part(store: Store, table: Table, slices: Iterable[pa.Table], path: str) -> Part:
    """A slice is a row group. Written beside, so that the file appears whole."""
    rows = 0
    schema = _schema(table)
    with TemporaryDirectory(prefix="lyceum-lake-") as folder:
        beside = Path(folder) / "part.parquet"
        with pq.ParquetWriter(beside, schema, compression="zstd", use_dictionary=_alike(schema)) as writer:
            for taken in slices:
                writer.write_table(table.typed(taken) if table.typed else taken)
                rows += taken.num_rows
        store.put(path, beside)
        return Part(path, rows, beside.stat().st_size, "")


def describe(table: Table) -> list[Described]:
    return [Described(field.name, str(field.type), table.descriptions.get(field.name)) for field in _schema(table)]


def _schema(table: Table) -> pa.Schema:
    plain = pa.schema([column.field for column in table.columns])
    return table.typed(plain.empty_table()).schema if table.typed else plain


def _alike(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if field.name not in UNLIKE and field.type == pa.string()]
