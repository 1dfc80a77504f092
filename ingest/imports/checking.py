"""Are all values what their columns allow? Whatever is not is listed, with its place."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from core.xapi.errors import StatementError
from core.xapi.storable import refuse_bad_characters, refuse_depth
from core.xapi.values import free
from ingest.imports.columns import Column, SheetType
from ingest.imports.files import CsvFile
from ingest.imports.problems import MOST_LISTED, Problem, RefusedError, lines_of_records
from ingest.imports.reading import ROW, quoted

Finding = tuple[int, str, str | None, str]
FETCHED = 10_000


@dataclass(frozen=True)
class Sheet:
    """A table of texts in the workbench, its columns named as the sheet type's; each row knows its record."""

    type: SheetType
    file: CsvFile
    table: str
    names: Collection[str]
    # What the file calls a column, if not by our name.
    labels: Mapping[str, str] = field(default_factory=dict)
    # Of the courses that it names it has all children of this kind: others are removed.
    is_complete: bool = False
    # Of the courses that it names it has all enrolments: others are withdrawn.
    withdraws: bool = False
    # Asks the workbench which courses the file names, where that is more than the sheet's own.
    scope: str | None = None

    @property
    def columns(self) -> list[Column]:
        return [column for column in self.type.columns if column.name in self.names]

    def has(self, name: str) -> bool:
        return name in self.names

    def label(self, name: str) -> str:
        return self.labels.get(name, name)


def refuse_wrong_header(sheet_type: SheetType, file: CsvFile) -> None:
    problems = [
        Problem(file.name, 1, name, name, f"no column of this table. Allowed: {', '.join(sheet_type.names)}")
        for name in file.header
        if name not in sheet_type.names
    ]
    problems += [
        Problem(file.name, 1, column.name, "", "this column is needed and missing")
        for column in sheet_type.columns
        if column.required and column.name not in file.header
    ]
    problems += [
        Problem(file.name, 1, name, name, "the same column twice")
        for name in dict.fromkeys(file.header)
        if file.header.count(name) > 1
    ]
    if problems:
        raise RefusedError(problems)


def refuse_wrong_values(workbench: DuckDBPyConnection, sheet: Sheet) -> None:
    findings = [*_wrong_cells(workbench, sheet), *_wrong_objects(workbench, sheet)]
    if not findings:
        findings = [*_wrong_rows(workbench, sheet), *_repeated(workbench, sheet)]
    refuse(sheet, findings)


def refuse(sheet: Sheet, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    listed = sorted(findings, key=lambda finding: finding[0])[:MOST_LISTED]
    file = sheet.file
    lines = lines_of_records(file.path, file.delimiter, {row for row, *_ in listed})
    problems = [
        Problem(file.name, lines.get(row), sheet.label(column), value or "", reason)
        for row, column, value, reason in listed
    ]
    raise RefusedError(problems)


def _wrong_cells(workbench: DuckDBPyConnection, sheet: Sheet) -> Iterator[Finding]:
    for column in sheet.columns:
        value = quoted(column.name)
        good = f"coalesce(try({column.kind.check.format(v=value)}), false)"
        missing = f" or {value} is null" if column.required else ""
        rows = workbench.execute(
            f"select {ROW}, {value} from {quoted(sheet.table)} where (not {good} and {value} is not null){missing} "
            f"limit {MOST_LISTED}"
        ).fetchall()
        for row, found in rows:
            yield row, column.name, found, _reason(column, found)


def _reason(column: Column, found: str | None) -> str:
    return "a value is needed here" if found is None else f"allowed: {column.kind.allowed}"


def _wrong_objects(workbench: DuckDBPyConnection, sheet: Sheet) -> Iterator[Finding]:
    """JSON that a database could not keep is known by the same rules as in events."""
    for column in sheet.columns:
        if not column.kind.is_object:
            continue
        value = quoted(column.name)
        rows = workbench.cursor().execute(
            f"select {value}, min({ROW}) from {quoted(sheet.table)} where json_valid({value}) group by 1"
        )
        while found := rows.fetchmany(FETCHED):
            for text, row in found:
                if (reason := _wrong_object(text)) is not None:
                    yield row, column.name, text, reason


def _wrong_object(text: str) -> str | None:
    try:
        refuse_depth(text.encode())
        refuse_bad_characters(text.encode())
        found = free(text.encode())
    except StatementError as error:
        return f"found {error.found}; allowed: {error.allowed}"
    return None if isinstance(found, dict) else "allowed: a JSON object"


def _wrong_rows(workbench: DuckDBPyConnection, sheet: Sheet) -> Iterator[Finding]:
    for rule in sheet.type.rules:
        if sheet.has(rule.column):
            rows = workbench.execute(
                f"select {ROW}, {quoted(rule.column)} from {quoted(sheet.table)} where not ({rule.check}) "
                f"limit {MOST_LISTED}"
            ).fetchall()
            yield from ((row, rule.column, value, f"allowed: {rule.allowed}") for row, value in rows)


def _repeated(workbench: DuckDBPyConnection, sheet: Sheet) -> Iterator[Finding]:
    key, table = ", ".join(map(quoted, sheet.type.key)), quoted(sheet.table)
    # First whether there are any, which takes little memory.
    workbench.execute(
        f"create or replace temp table repeated as select {key}, min({ROW}) as first_row from {table} group by {key} "
        f"having count(*) > 1 limit {MOST_LISTED}"
    )
    rows = workbench.execute(
        f"select {ROW}, concat_ws(', ', {key}) from {table} inner join repeated using ({key}) "
        f"where {ROW} > first_row limit {MOST_LISTED}"
    ).fetchall()
    yield from ((row, ", ".join(sheet.type.key), value, "the same row stands here already") for row, value in rows)
