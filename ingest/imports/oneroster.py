"""A OneRoster 1.1 or 1.2 bundle, as student systems export it: its files, turned into sheets of our tables.

A class becomes a course, a line item an assessment, a result the first attempt at it.
"""

import csv
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from core.errors import UserError
from ingest.imports.checking import Sheet
from ingest.imports.columns import SHEET_TYPES
from ingest.imports.files import CsvFile, open_csv
from ingest.imports.oneroster_sql import FILES, NAMED_CLASSES, TERMS, TRANSLATIONS, UNKNOWN_TERMS, Translation
from ingest.imports.problems import Problem, RefusedError, lines_of_records
from ingest.imports.reading import ROW, quoted, read_csv
from ingest.imports.run import Part

MANIFEST = "manifest.csv"
VERSIONS = ("1.1", "1.2")
MODES = ("bulk", "delta", "absent")
# What no school's bundle reaches.
MOST_UNPACKED = 20 * 2**30
BY_NAME = {sheet_type.name: sheet_type for sheet_type in SHEET_TYPES}


class Manifest(NamedTuple):
    version: str
    modes: Mapping[str, str]


class Bundle(NamedTuple):
    manifest: Manifest
    files: Mapping[str, CsvFile]

    def is_bulk(self, name: str) -> bool:
        return self.manifest.modes.get(name) == "bulk"


class Wish(NamedTuple):
    as_of: datetime
    # What a bulk file leaves out is over.
    is_complete: bool


def is_bundle(source: Path) -> bool:
    return source.suffix.lower() == ".zip" or (source / MANIFEST).exists() or source.name == MANIFEST


def oneroster_reader(
    source: Path, encoding: str | None, wish: Wish
) -> Callable[[DuckDBPyConnection, Path], Iterator[Part]]:
    def read(workbench: DuckDBPyConnection, folder: Path) -> Iterator[Part]:
        bundle = _open(source, folder, encoding)
        for name, (required, optional) in FILES.items():
            _read_file(workbench, bundle.files.get(name), name, required, optional)
        left_out = _left_out(workbench, bundle)
        sheets = [
            _translate(workbench, bundle, translation, wish, left_out)
            for translation in TRANSLATIONS
            if translation.file in bundle.files
        ]
        if not sheets:
            raise UserError(f"{source} brings none of the files that are read.", f"They are: {', '.join(FILES)}.")
        yield Part(source.name, sheets)

    return read


def read_manifest(path: Path) -> Manifest:
    with path.open(newline="", encoding="utf-8-sig") as file:
        properties = {row[0].strip(): row[1].strip() for row in csv.reader(file) if len(row) >= 2}
    version = properties.get("oneroster.version", "")
    if version not in VERSIONS:
        raise RefusedError([Problem(MANIFEST, None, "oneroster.version", version, f"allowed: {' or '.join(VERSIONS)}")])
    modes = {name.removeprefix("file."): mode.lower() for name, mode in properties.items() if name.startswith("file.")}
    wrong = [
        Problem(MANIFEST, None, f"file.{name}", mode, f"allowed: {', '.join(MODES)}")
        for name, mode in modes.items() if mode not in MODES
    ]  # fmt: skip
    if wrong:
        raise RefusedError(wrong)
    return Manifest(version, modes)


def _open(source: Path, folder: Path, encoding: str | None) -> Bundle:
    base = source if source.is_dir() else source.parent
    if source.suffix.lower() == ".zip":
        base = _unpack(source, folder / "unpacked")
    manifest = read_manifest(base / MANIFEST)
    present = [name for name in FILES if manifest.modes.get(name, "absent") != "absent"]
    missing = [name for name in present if not (base / f"{name}.csv").exists()]
    if missing:
        reason = "the manifest says that this file is there, and it is not"
        raise RefusedError([Problem(f"{name}.csv", None, "", "", reason) for name in missing])
    return Bundle(manifest, {name: open_csv(base / f"{name}.csv", folder, encoding) for name in present})


def _unpack(source: Path, folder: Path) -> Path:
    """By their names alone, wherever in the archive they lie."""
    folder.mkdir()
    wanted = {MANIFEST, *(f"{name}.csv" for name in FILES)}
    try:
        with zipfile.ZipFile(source) as archive:
            members = [one for one in archive.infolist() if Path(one.filename).name in wanted]
            if sum(one.file_size for one in members) > MOST_UNPACKED:
                raise UserError(f"{source} is larger than {MOST_UNPACKED >> 30} GiB when unpacked.", "Split it.")
            for member in members:
                with archive.open(member) as packed, (folder / Path(member.filename).name).open("wb") as out:
                    while block := packed.read(1 << 20):
                        out.write(block)
    except zipfile.BadZipFile as error:
        raise UserError(f"{source} is no zip archive.", "Name a folder, a .csv file or a OneRoster .zip.") from error
    if not (folder / MANIFEST).exists():
        raise UserError(f"{source} has no {MANIFEST}.", "A OneRoster bundle says there what it brings.")
    return folder


def _read_file(
    workbench: DuckDBPyConnection, file: CsvFile | None, name: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    """As a view that has all columns that are read, empty where the bundle does not have the file."""
    if file is not None:
        missing = [column for column in required if column not in file.header]
        if missing:
            raise RefusedError(
                [Problem(file.name, 1, column, "", "this column is needed and missing") for column in missing]
            )
        read_csv(workbench, file, f"raw_{name}")
    selected = ", ".join(
        f"{quoted(column) if file and column in file.header else 'null::varchar'} as {quoted(column)}"
        for column in (*required, *optional)
    )
    source = f"{ROW}, {selected} from {quoted(f'raw_{name}')}" if file else f"0::bigint as {ROW}, {selected} limit 0"
    workbench.execute(f"create or replace view {quoted(f'in_{name}')} as select {source}")


def _left_out(workbench: DuckDBPyConnection, bundle: Bundle) -> set[tuple[str, str]]:
    """The columns of sheets that the bundle says nothing about: what is known stays."""
    left_out = set()
    if not _read_terms(workbench, bundle):
        left_out |= {("courses", "starts_at"), ("courses", "ends_at")}
    if "roles" not in bundle.files and "users" in bundle.files and "role" not in bundle.files["users"].header:
        left_out.add(("users", "role"))
    return left_out


def _read_terms(workbench: DuckDBPyConnection, bundle: Bundle) -> bool:
    """Whether the classes' terms are known. A delta need not bring them again."""
    workbench.execute(TERMS)
    unknown = workbench.execute(UNKNOWN_TERMS).fetchall()
    if unknown and bundle.is_bulk("classes") and "academicSessions" in bundle.files:
        file = bundle.files["classes"]
        lines = lines_of_records(file.path, file.delimiter, {row for row, _ in unknown})
        reason = "academicSessions.csv has no such session"
        raise RefusedError(
            [Problem(file.name, lines.get(row), "termSourcedIds", terms, reason) for row, terms in unknown]
        )
    return "academicSessions" in bundle.files and not unknown


def _translate(
    workbench: DuckDBPyConnection,
    bundle: Bundle,
    translation: Translation,
    wish: Wish,
    left_out: Collection[tuple[str, str]],
) -> Sheet:
    name, table = translation.sheet, f"sheet_{translation.sheet}"
    parameters = {"as_of": wish.as_of.isoformat()} if "$as_of" in translation.query else {}
    workbench.execute(f"create or replace table {table} as {translation.query}", parameters)
    columns = [row[0] for row in workbench.execute(f"describe {table}").fetchall()]
    is_whole = bundle.is_bulk(translation.file) and wish.is_complete
    return Sheet(
        BY_NAME[name],
        bundle.files[translation.file],
        table,
        [column for column in columns if column != ROW and (name, column) not in left_out],
        labels=translation.labels,
        is_complete=is_whole and name == "course_instructors",
        withdraws=is_whole and name == "enrollments",
        scope=NAMED_CLASSES if translation.file == "enrollments" else None,
    )
