"""The raw tables of a database, as they lie there: nothing is matched, folded or left out yet."""

from collections.abc import Mapping
from typing import Any, LiteralString

import polars as pl
from psycopg import Connection

Frames = Mapping[str, pl.DataFrame]
Row = dict[str, Any]

QUERIES: dict[str, LiteralString] = {
    "tenants": "select tenant_id, slug, name, time_zone from control.tenants",
    "home_pages": "select tenant_id, home_page from control.home_pages",
    "patterns": "select tenant_id, pattern, names, key_is from control.iri_patterns",
    "statements": (
        "select tenant_id, statement_id::text as id, stored, timestamp, credential_id::text as credential, "
        "statement::text as body from xapi.statements"
    ),
    "references": (
        "select tenant_id, target_id::text as target, statement_id::text as statement, is_voiding "
        "from xapi.statement_references"
    ),
    "definitions": (
        "select tenant_id, iri, definition::text as definition, stored, statement_id::text as statement "
        "from xapi.activity_definitions inner join xapi.activities using (tenant_id, activity_key)"
    ),
    "learner_aliases": "select tenant_id, agent::text as agent, user_id from lms.learner_aliases",
    "activity_aliases": "select tenant_id, iri, course_id, lesson_id, assessment_id from lms.activity_aliases",
    "verb_kinds": "select tenant_id, iri, kind from lms.verb_kinds",
    "users": (
        "select tenant_id, user_id::text, email, full_name, role, external_id::text, attributes::text as attributes, "
        "is_active from lms.users"
    ),
    "courses": (
        "select tenant_id, course_id::text, title, slug, status, starts_at, ends_at, length_days, published_at, "
        "activity_iri::text, external_id::text from lms.courses"
    ),
    "course_instructors": (
        "select tenant_id, course_id::text, user_id::text, is_listed, removed_at from lms.course_instructors"
    ),
    "modules": "select tenant_id, course_id::text, module_id::text, title, position from lms.modules",
    "lessons": (
        "select tenant_id, lesson_id::text, course_id::text, module_id::text, title, position, content_type, "
        "duration_min::float8, required, activity_iri::text, external_id::text from lms.lessons"
    ),
    "assessments": (
        "select tenant_id, assessment_id::text, course_id::text, lesson_id::text, title, type, max_score::float8, "
        "passing_score::float8, max_attempts, required, activity_iri::text, external_id::text from lms.assessments"
    ),
    "enrollments": (
        "select tenant_id, course_id::text, user_id::text, status, enrolled_at, completed_at, due_at, cohort "
        "from lms.enrollments"
    ),
    "lesson_progress": (
        "select tenant_id, lesson_id::text, user_id::text, status, progress_pct::float8, started_at, completed_at "
        "from lms.lesson_progress"
    ),
    "submissions": (
        "select tenant_id, assessment_id::text, user_id::text, attempt_number, status, score::float8, submitted_at, "
        "graded_at from lms.submissions"
    ),
    "listings": "select tenant_id, course_id::text, kind, happened_at, event_key::bytea from lms.listings",
    "course_history": (
        "select tenant_id, course_id::text, happened_at, event_key::bytea, status from lms.course_history"
    ),
    "lesson_history": (
        "select tenant_id, lesson_id::text, course_id::text, happened_at, event_key::bytea, required, is_listed "
        "from lms.lesson_history"
    ),
    "assessment_history": (
        "select tenant_id, assessment_id::text, course_id::text, happened_at, event_key::bytea, required, is_listed "
        "from lms.assessment_history"
    ),
    "enrollment_history": (
        "select tenant_id, course_id::text, user_id::text, happened_at, event_key::bytea, status, enrolled_at, "
        "completed_at, says_completion from lms.enrollment_history"
    ),
    "lesson_progress_history": (
        "select tenant_id, lesson_id::text, user_id::text, happened_at, event_key::bytea, status, completed_at, "
        "is_whole from lms.lesson_progress_history"
    ),
}


def read(connection: Connection) -> Frames:
    """In the caller's transaction, so that all tables are of one moment."""
    return {name: _frame(connection, query) for name, query in QUERIES.items()}


def _frame(connection: Connection, query: LiteralString) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column.name for column in cursor.description or ()]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


def rows_of(frames: Frames, table: str, tenant_id: int) -> list[Row]:
    """None of a table that a hand-made history does without."""
    frame = frames.get(table)
    if frame is None or frame.is_empty():
        return []
    return frame.filter(pl.col("tenant_id") == tenant_id).to_dicts()
