"""From the workbench into the staging tables of core.lms, by DuckDB's CSV and PostgreSQL's COPY."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection, sql

from core.lms.tables import (
    ASSESSMENT_HISTORY,
    COURSE_HISTORY,
    ENROLLMENT_HISTORY,
    LESSON_HISTORY,
    PROGRESS_HISTORY,
    SUBMISSION_HISTORY,
    TABLES,
    Table,
    history_columns,
    said,
)
from ingest.imports.checking import FETCHED, Sheet
from ingest.imports.reading import Desk, quoted

BLOCK = 1 << 20
BY_NAME = {table.name: table for table in TABLES}
# What a column holds of which the file says nothing, or nothing in this row.
DEFAULTS = {"attributes": "'{}'", "settings": "'{}'", "is_active": "'true'", "is_listed": "'true'",
            "role": "'student'", "required": "'false'"}  # fmt: skip
# Made from another column.
DERIVED = {
    "mbox_sha1sums": (
        "email",
        (
            "case when email is not null then '{' || array_to_string(list_distinct(["
            "sha1('mailto:' || email), sha1('mailto:' || lower(email))]), ',') || '}' end"
        ),
    ),
    "highest_max_score": ("max_score", "max_score"),
    "is_listed": ("course_id", "'true'"),
}

# The histories that say the same as the rows.
HISTORIES = {
    "courses": (COURSE_HISTORY, "status"),
    "lessons": (LESSON_HISTORY, "details"),
    "assessments": (ASSESSMENT_HISTORY, "details"),
    "enrollments": (ENROLLMENT_HISTORY, "status"),
    "submissions": (SUBMISSION_HISTORY, "grade"),
}
FLAGS = {"says_completion": "completion_said_at is not null", "says_due": "due_said_at is not null"}
SCOPE = "create temporary table if not exists staged_scope (course_id text not null) on commit delete rows"
LIST = """
insert into staged_listings (tenant_id, happened_at, event_key, course_id, kind)
select tenant_id, %s::timestamptz, %s::bytea, course_id, %s from lms.courses inner join staged_scope using (course_id)
where tenant_id = %s
"""
WITHDRAW = """
insert into staged_enrollments (tenant_id, course_id, user_id, status, status_said_at, status_said_by)
select tenant_id, course_id, user_id, 'withdrawn', %s::timestamptz, %s::bytea
from lms.enrollments as known inner join staged_scope using (course_id)
where tenant_id = %s and status <> 'withdrawn' and not exists (
    select from staged_enrollments as staged
    where staged.course_id = known.course_id and staged.user_id = known.user_id
)
"""


class Mark(NamedTuple):
    """The time that the imported state is true for, and the import's place among the events of that time."""

    tenant_id: int
    happened_at: datetime
    event_key: bytes


def staged_name(sheet: Sheet) -> str:
    return PROGRESS_HISTORY.name if sheet.type.name == "lesson_progress" else sheet.type.name


def stage_sheet(desk: Desk, sheet: Sheet, mark: Mark) -> set[str]:
    """The names of the staging tables that were filled."""
    name = staged_name(sheet)
    _copy(desk, sheet, _expressions(sheet, mark))
    filled = {name}
    if name in BY_NAME:
        _keep_what_is_not_said(desk.connection, sheet, BY_NAME[name])
    if sheet.withdraws or (sheet.is_complete and sheet.type.listing is not None):
        _stage_scope(desk, sheet)
    if sheet.withdraws:
        desk.connection.execute(WITHDRAW, [mark.happened_at, mark.event_key, mark.tenant_id])
    if name in HISTORIES:
        filled.add(_stage_history(desk.connection, name))
    if sheet.is_complete and sheet.type.listing is not None:
        _stage_listings(desk.connection, sheet, mark)
        filled.add("listings")
    return filled


def _stage_history(connection: Connection, name: str) -> str:
    history, group = HISTORIES[name]
    selected = ", ".join(["tenant_id", *said(group), *(FLAGS.get(column, column) for column in history.columns)])
    connection.execute(f"delete from staged_{history.name}")
    connection.execute(
        f"insert into staged_{history.name} ({', '.join(history_columns(history))}) "
        f"select {selected} from staged_{name}"
    )
    return history.name


def _stage_scope(desk: Desk, sheet: Sheet) -> None:
    courses = desk.workbench.execute(sheet.scope or f"select distinct course_id from {quoted(sheet.table)}")
    desk.connection.execute(SCOPE)
    desk.connection.execute("delete from staged_scope")
    with desk.connection.cursor() as cursor, cursor.copy("copy staged_scope from stdin") as copy:
        while rows := courses.fetchmany(FETCHED):
            for row in rows:
                copy.write_row(row)


def _stage_listings(connection: Connection, sheet: Sheet, mark: Mark) -> None:
    connection.execute("delete from staged_listings")
    connection.execute(LIST, [mark.happened_at, mark.event_key, sheet.type.listing, mark.tenant_id])


def _expressions(sheet: Sheet, mark: Mark) -> Mapping[str, str]:
    """DuckDB's, by column of the staging table."""
    happened_at, event_key = f"'{mark.happened_at.isoformat()}'", f"'\\x{mark.event_key.hex()}'"
    if sheet.type.name == "lesson_progress":
        given = {"tenant_id": str(mark.tenant_id), "happened_at": happened_at, "event_key": event_key}
        told = {name: _expression(sheet, name) for name in PROGRESS_HISTORY.columns if name != "is_whole"}
        return {**given, **told, "is_whole": "'true'"}
    table = BY_NAME[sheet.type.name]
    expressions = {"tenant_id": str(mark.tenant_id)}
    expressions |= {name: _expression(sheet, name) for name in (*table.key, *table.greatest)}
    for group, columns in table.groups.items():
        if _is_said(sheet, columns):
            expressions |= {name: _expression(sheet, name) for name in columns}
            expressions |= dict(zip(said(group), (happened_at, event_key), strict=True))
    return expressions


def _expression(sheet: Sheet, name: str) -> str:
    if sheet.has(name):
        return f"coalesce({quoted(name)}, {DEFAULTS[name]})" if name in DEFAULTS else quoted(name)
    if name in DERIVED and sheet.has(DERIVED[name][0]):
        return DERIVED[name][1]
    return DEFAULTS.get(name, "null")


def _is_said(sheet: Sheet, columns: Sequence[str]) -> bool:
    return any(sheet.has(name) or name == "is_listed" for name in columns)


def _keep_what_is_not_said(connection: Connection, sheet: Sheet, table: Table) -> None:
    """A column that the file does not have stays as it is, although it is told about together with others."""
    absent = [
        name
        for columns in table.groups.values()
        if _is_said(sheet, columns)
        for name in columns
        if not sheet.has(name) and not (name in DERIVED and sheet.has(DERIVED[name][0]))
    ]
    if absent:
        same = " and ".join(f"staged.{name} = known.{name}" for name in ("tenant_id", *table.key))
        assignments = ", ".join(f"{name} = known.{name}" for name in absent)
        connection.execute(
            f"update staged_{table.name} as staged set {assignments} from lms.{table.name} as known where {same}"
        )


def _copy(desk: Desk, sheet: Sheet, expressions: Mapping[str, str]) -> None:
    path = desk.folder / "staged.csv"
    selected = ", ".join(f"{expression} as {column}" for column, expression in expressions.items())
    desk.workbench.execute(
        f"copy (select {selected} from {quoted(sheet.table)}) to '{path}' (format csv, header false)"
    )
    staged = sql.Identifier(f"staged_{staged_name(sheet)}")
    desk.connection.execute(sql.SQL("delete from {}").format(staged))
    command = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        staged, sql.SQL(", ").join(map(sql.Identifier, expressions))
    )
    with path.open("rb") as file, desk.connection.cursor() as cursor, cursor.copy(command) as copy:
        while block := file.read(BLOCK):
            copy.write(block)
    path.unlink()
    desk.connection.execute(sql.SQL("analyze {}").format(staged))
