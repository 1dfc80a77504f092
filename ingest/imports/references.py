"""Do the rows name what is there? Looked up when they are staged, before anything is written."""

from collections.abc import Iterator, Sequence

from duckdb import DuckDBPyConnection

from ingest.imports.checking import Finding, Sheet, refuse
from ingest.imports.columns import SHEET_TYPES
from ingest.imports.problems import MOST_LISTED
from ingest.imports.reading import ROW, Desk, quoted
from ingest.imports.staging import staged_name

KEYS = {sheet_type.name: sheet_type.key for sheet_type in SHEET_TYPES}
NOUNS = {
    "users": "user",
    "courses": "course",
    "modules": "module of this course",
    "lessons": "lesson",
    "assessments": "assessment",
}
HIGH_SCORES = """
select distinct staged.assessment_id, staged.score::text, assessments.max_score::text
from staged_submissions as staged inner join lms.assessments using (tenant_id, assessment_id)
where staged.score > greatest(assessments.highest_max_score, assessments.max_score)
limit %s
"""


def refuse_unknown(desk: Desk, sheet: Sheet) -> None:
    findings: list[Finding] = []
    for columns, table in sheet.type.references.items():
        if all(map(sheet.has, columns)):
            findings += _unknown(desk, sheet, columns, table)
    if not findings and sheet.type.name == "submissions" and sheet.has("score"):
        findings += _high_scores(desk, sheet)
    refuse(sheet, findings)


def _unknown(desk: Desk, sheet: Sheet, columns: Sequence[str], table: str) -> Iterator[Finding]:
    staged = f"staged_{staged_name(sheet)}"
    names = ", ".join(columns)
    same = " and ".join(f"known.{key} = staged.{column}" for key, column in zip(KEYS[table], columns, strict=True))
    there = " and ".join(f"staged.{column} is not null" for column in columns)
    missing = desk.connection.execute(
        f"select distinct {names} from {staged} as staged where {there} and not exists ("
        f"select from lms.{table} as known where known.tenant_id = staged.tenant_id and {same}) limit {MOST_LISTED}"
    ).fetchall()
    for row, _, value in _rows_with(desk.workbench, sheet, columns, missing):
        yield row, columns[-1], value, f"there is no such {NOUNS[table]}"


def _high_scores(desk: Desk, sheet: Sheet) -> Iterator[Finding]:
    high = desk.connection.execute(HIGH_SCORES, [MOST_LISTED]).fetchall()
    bounds = {assessment_id: bound for assessment_id, _, bound in high}
    columns = ("assessment_id", "score")
    # As numbers, since the file may write them otherwise than the database.
    found = _rows_with(desk.workbench, sheet, columns, [row[:2] for row in high], cast="double")
    for row, assessment_id, score in found:
        yield row, "score", str(score), f"above the assessment's max_score, {bounds[assessment_id]}"


def _rows_with(
    workbench: DuckDBPyConnection,
    sheet: Sheet,
    columns: Sequence[str],
    values: Sequence[tuple[str, ...]],
    cast: str = "varchar",
) -> Sequence[tuple[int, str, str]]:
    if not values:
        return []
    workbench.execute("create or replace temp table wanted as select ''::varchar as a, ''::varchar as b limit 0")
    workbench.executemany("insert into wanted values (?, ?)", [(value[0], value[-1]) for value in values])
    first, last = quoted(columns[0]), quoted(columns[-1])
    rows = workbench.execute(
        f"select {ROW}, {first}, {last} from {quoted(sheet.table)} inner join wanted "
        f"on {first} = a and {last}::{cast} = b::{cast} order by {ROW} limit {MOST_LISTED}"
    ).fetchall()
    return [(row, one, other) for row, one, other in rows]
