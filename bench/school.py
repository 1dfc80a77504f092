"""What an LMS tells of the learners, courses and units that the statements are about: files for `lyceum lms import`."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bench.fill import Filled
from bench.servers import Access, run_lyceum
from bench.statements import COURSES, LMS, account, activity_id, course_id
from core.database.address import connect_admin
from core.settings import Settings

ACTIVITIES = 200
# Of the units of a course the last ones are assessments, the others lessons.
LESSONS = 8
DUE_AFTER = timedelta(days=400)


def tell_school(settings: Settings, access: Access, filled: Filled) -> None:
    with connect_admin(settings.database, autocommit=True) as connection:
        row = connection.execute("select slug from control.tenants where tenant_id = %s", [access.tenant_id]).fetchone()
    assert row is not None
    folder = settings.home / "school"
    folder.mkdir(exist_ok=True)
    _write(folder, filled.learners, filled.began)
    run_lyceum(settings.home, "tenants", "update", row[0], "--home-page", LMS)
    run_lyceum(settings.home, "lms", "import", str(folder), "--tenant", row[0], "--as-of", _day(filled.began))


def _write(folder: Path, learners: int, began: datetime) -> None:
    names = [account(learner)["name"] for learner in range(learners)]
    courses = range(COURSES)
    units = [(course, number) for course in courses for number in range(ACTIVITIES // COURSES)]
    _file(folder, "users", ("user_id", "role", "external_id"), ((name, "student", name) for name in names))
    _file(
        folder, "courses", ("course_id", "title", "status", "published_at", "activity_iri"),
        ((f"course-{one}", f"Course {one}", "published", _day(began), course_id(one)) for one in courses),
    )  # fmt: skip
    _file(
        folder, "modules", ("course_id", "module_id", "title", "position"),
        ((f"course-{one}", f"module-{one}", "All", 1) for one in courses),
    )  # fmt: skip
    _file(
        folder, "lessons",
        ("lesson_id", "course_id", "module_id", "title", "position", "content_type", "required", "activity_iri"),
        (
            (f"lesson-{course}-{number}", f"course-{course}", f"module-{course}", f"Unit {number}", number, "text",
             "true", activity_id(course + number * COURSES))
            for course, number in units if number < LESSONS
        ),
    )  # fmt: skip
    _file(
        folder, "assessments",
        ("assessment_id", "course_id", "title", "type", "max_score", "passing_score", "required", "activity_iri"),
        (
            (f"test-{course}-{number}", f"course-{course}", f"Test {number}", "quiz", 20, 10, "true",
             activity_id(course + number * COURSES))
            for course, number in units if number >= LESSONS
        ),
    )  # fmt: skip
    _file(
        folder, "enrollments", ("course_id", "user_id", "status", "enrolled_at", "due_at", "cohort"),
        (
            (f"course-{course}", name, "active", _day(began), _day(began + DUE_AFTER), f"cohort {number % 10}")
            for number, name in enumerate(names) for course in courses
        ),
    )  # fmt: skip


def _file(folder: Path, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
