"""A small DuckDB database with a view of each table, over exactly the files of one manifest."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake.columns import KINDS, TEXT, quoted
from lake.manifest import Contents, Manifest

TYPES = {str(kind): kind for _, _, kind in (*KINDS.values(), TEXT)}
# Older DuckDBs read it, too.
STORAGE_VERSION = "v1.0.0"
# A lake that was copied elsewhere is found there: `set variable lake = '/elsewhere/'`.
VARIABLE = "lake"


def make_catalogue(slug: str, manifest: Manifest) -> bytes:
    with TemporaryDirectory(prefix="lyceum-lake-") as folder:
        path, stand_in = Path(folder) / "catalogue.duckdb", Path(folder) / "files"
        _stand_in(stand_in, manifest)
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(f"attach {_text(str(path))} as made (storage_version {_text(STORAGE_VERSION)})")
            connection.execute("use made")
            connection.execute(f"set variable {VARIABLE} = {_text(f'{stand_in}/')}")
            for name, contents in manifest.tables.items():
                _make_view(connection, name, contents, manifest.root)
            _make_about(connection, slug, manifest)
            connection.execute("use memory")
            connection.execute("detach made")
        return path.read_bytes()


def _stand_in(folder: Path, manifest: Manifest) -> None:
    """DuckDB looks at a view's files when it is made. Empty ones do, and need no way to the storage."""
    for contents in manifest.tables.values():
        schema = pa.schema([(column.name, TYPES[column.type]) for column in contents.columns])
        for part in contents.parts.values():
            path = folder / part.path
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(schema.empty_table(), path)


def _make_view(connection: duckdb.DuckDBPyConnection, name: str, contents: Contents, root: str) -> None:
    place = f"coalesce(getvariable('{VARIABLE}'), {_text(root)})"
    files = ", ".join(f"{place} || {_text(contents.parts[month].path)}" for month in sorted(contents.parts))
    view = quoted(name)
    connection.execute(f"create view {view} as select * from read_parquet([{files}], union_by_name = true)")
    if contents.description:
        connection.execute(f"comment on view {view} is {_text(contents.description)}")
    for column in contents.columns:
        if column.description:
            connection.execute(f"comment on column {view}.{quoted(column.name)} is {_text(column.description)}")


def _make_about(connection: duckdb.DuckDBPyConnection, slug: str, manifest: Manifest) -> None:
    connection.execute(
        "create table about (tenant varchar, exported_at timestamptz, marts_as_of timestamptz, position bigint)"
    )
    connection.execute(
        "insert into about values (?, ?, ?, ?)", [slug, manifest.exported_at, manifest.marts_as_of, manifest.position]
    )
    connection.execute("comment on table about is 'Whose data this is, and as of when.'")


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
