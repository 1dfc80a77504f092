"""What an LMS exported, and how it is brought in."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.tenants import Tenant
from ingest.imports.oneroster import Wish, is_bundle, oneroster_reader
from ingest.imports.plain import find_sheets, plain_reader
from ingest.imports.problems import Problem, RefusedError
from ingest.imports.run import Imported, Order, run_import
from tests.harness.database import Database
from tests.integration.lms.tables import contents

TABLES: dict[str, list[list[str]]] = {
    "users": [
        ["user_id", "role", "email", "full_name", "external_id", "attributes", "is_active"],
        ["ada", "student", "Ada@school.example", 'Ada "the first", Lovelace', "7", '{"class": "7b"}', "true"],
        ["bob", "instructor", "", "Bøb\nof two lines", "", "", "false"],
    ],
    "courses": [
        ["course_id", "title", "status", "slug", "starts_at", "ends_at", "length_days", "settings", "published_at",
         "activity_iri", "external_id"],
        ["algebra", "Algebra", "published", "algebra", "2026-02-01", "2026-07-01T12:00:00+02:00", "90", "",
         "2026-01-31T08:00:00Z", "https://lms.example/algebra", ""],
    ],
    "modules": [["course_id", "module_id", "title", "position"], ["algebra", "one", "One", "1"]],
    "lessons": [
        ["lesson_id", "course_id", "module_id", "title", "position", "content_type", "required", "duration_min",
         "activity_iri", "external_id"],
        ["sets", "algebra", "one", "Sets", "1", "video", "yes", "12.50", "https://lms.example/sets", ""],
        ["rings", "algebra", "one", "Rings", "2", "text", "no", "", "", ""],
    ],
    "assessments": [
        ["assessment_id", "course_id", "title", "type", "max_score", "required", "lesson_id", "passing_score",
         "max_attempts", "activity_iri", "external_id"],
        ["test", "algebra", "Test", "quiz", "10", "true", "sets", "5", "2", "", ""],
    ],
    "course_instructors": [["course_id", "user_id"], ["algebra", "bob"]],
    "enrollments": [
        ["course_id", "user_id", "status", "enrolled_at", "completed_at", "due_at", "cohort"],
        ["algebra", "ada", "active", "2026-02-01 08:30", "", "2026-06-30", "spring"],
    ],
    "lesson_progress": [
        ["lesson_id", "user_id", "status", "progress_pct", "started_at", "completed_at"],
        ["sets", "ada", "completed", "100", "2026-02-02", "2026-02-03"],
        ["rings", "ada", "in_progress", "33.3", "2026-02-04", ""],
    ],
    "submissions": [
        ["assessment_id", "user_id", "attempt_number", "status", "submitted_at", "score", "graded_at", "external_id"],
        ["test", "ada", "1", "graded", "2026-02-05", "7.5", "2026-02-06", ""],
    ],
}  # fmt: skip

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)


def write(folder: Path, tables: Mapping[str, Sequence[Sequence[str]]], encoding: str = "utf-8", **options: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding=encoding) as file:
            csv.writer(file, **options).writerows(rows)
    return folder


class School:
    """A tenant that files are imported for."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self.database = database
        self.tenant = tenant

    def bring(
        self, source: Path, as_of: datetime = MARCH, *, is_complete: bool = True, is_dry: bool = False
    ) -> list[Imported]:
        order = Order(self.tenant.tenant_id, self.tenant.time_zone, as_of, is_dry)
        if is_bundle(source):
            reader = oneroster_reader(source, None, Wish(as_of, is_complete))
        else:
            reader = plain_reader(find_sheets(source), None, is_complete=is_complete)
        with self.database.service("ingest") as connection:
            return run_import(connection, order, reader, lambda _: None)

    def problems(self, source: Path, as_of: datetime = MARCH) -> Sequence[Problem]:
        try:
            self.bring(source, as_of)
        except RefusedError as error:
            return error.problems
        return []

    def held(self) -> dict[str, list[Any]]:
        with self.database.service("ingest") as connection:
            found = contents(connection, self.tenant.tenant_id)
        del found["imports"]
        return found

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.service("ingest") as connection:
            connection.execute("select set_config('lyceum.tenant', %s, true)", [str(self.tenant.tenant_id)])
            return connection.execute(query).fetchall()
