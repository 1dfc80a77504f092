"""The LMS's tables as CSV: one file a table, and one folder for each moment at which something of it was different.

An import of these folders in their order, each `--as-of` the moment in its name, leaves the history that the events
leave: what was required when.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from simulator.dialects.words import encode
from simulator.lms.attempts import row_attempts
from simulator.moments import iso, optional_iso
from simulator.plans.facts import CourseFacts, Enrolment
from simulator.plans.plan import Plan
from simulator.truth.truth import status
from simulator.world.tenants import Tenant
from simulator.world.things import Assessment, Course, Lesson, User

Values = dict[str, Any]


class Rows:
    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self._tenant = tenant
        self._folder = folder
        self._files: dict[str, tuple[TextIO, Any]] = {}
        changes = sorted({at for course in tenant.courses.values() for at in course.changes if at < tenant.as_of})
        for number, at in enumerate([min(_beginnings(tenant)), *changes], 1):
            self._open(number, at)
            self._write_courses(at, is_first=number == 1)
        self._open(len(changes) + 2, tenant.as_of)

    def _open(self, number: int, at: int) -> None:
        """Names sort in the order of time, and hold no character that a file system might refuse."""
        self.close()
        self._current = self._folder / f"{number}-{iso(at).replace(':', '')}"
        self._current.mkdir(parents=True, exist_ok=True)

    def _write(self, table: str, values: Values) -> None:
        if table not in self._files:
            # Open until the folder is full.
            file = (self._current / f"{table}.csv").open("w", encoding="utf-8", newline="")
            self._files[table] = file, csv.writer(file, lineterminator="\n")
            self._files[table][1].writerow(values)
        self._files[table][1].writerow(["" if value is None else _text(value) for value in values.values()])

    def close(self) -> None:
        for file, _ in self._files.values():
            file.close()
        self._files = {}

    def _write_courses(self, at: int, *, is_first: bool) -> None:
        if is_first:
            for user in self._tenant.staff:
                self._write("users", _user(user))
        for course in self._tenant.courses.values():
            if is_first:
                self._write_course(course)
            for lesson in course.lessons:
                self._write("lessons", _lesson(lesson, at))

    def _write_course(self, course: Course) -> None:
        self._write("courses", _course(course))
        for instructor in course.instructors:
            self._write("course_instructors", {"course_id": course.course_id, "user_id": instructor})
        for module in course.modules:
            self._write("modules", {
                "module_id": module.module_id, "course_id": course.course_id, "title": module.title,
                "position": module.position,
            })  # fmt: skip
        for assessment in course.assessments:
            self._write("assessments", _assessment(assessment))

    def add(self, plan: Plan) -> None:
        for user in plan.users:
            self._write("users", _user(user))
        for enrolment in plan.enrolments:
            facts = plan.facts.courses[enrolment.course.course_id]
            self._write("enrollments", _enrolment(enrolment))
            self._write_learning(facts, enrolment.user_id)

    def _write_learning(self, facts: CourseFacts, user_id: str) -> None:
        for lesson_id, at in facts.progress_rows.items():
            self._write("lesson_progress", {
                "lesson_id": lesson_id, "user_id": user_id, "status": "completed", "progress_pct": 100,
                "started_at": None, "completed_at": iso(at),
            })  # fmt: skip
        for attempt in row_attempts(facts):
            self._write("submissions", {
                "assessment_id": attempt.assessment.assessment_id, "user_id": user_id,
                "attempt_number": attempt.number,
                "status": "submitted" if attempt.row_graded_at is None else "graded", "score": attempt.row_score,
                "submitted_at": iso(attempt.submitted_at), "graded_at": optional_iso(attempt.row_graded_at),
                "external_id": None,
            })  # fmt: skip


def _beginnings(tenant: Tenant) -> Iterable[int]:
    return (course.created_at for course in tenant.courses.values())


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return encode(value).decode() if isinstance(value, dict) else value


def _user(user: User) -> Values:
    return {
        "user_id": user.user_id, "email": user.email, "full_name": user.full_name, "role": user.role,
        "external_id": user.external_id, "attributes": user.attributes,
    }  # fmt: skip


def _course(course: Course) -> Values:
    return {
        "course_id": course.course_id, "title": course.title, "slug": course.slug, "status": course.status,
        "starts_at": iso(course.starts_at), "ends_at": optional_iso(course.ends_at),
        "length_days": course.length_days, "settings": {}, "published_at": optional_iso(course.published_at),
        "activity_iri": course.activity_iri, "external_id": course.external_id,
    }  # fmt: skip


def _lesson(lesson: Lesson, at: int) -> Values:
    return {
        "lesson_id": lesson.lesson_id, "course_id": lesson.course_id, "module_id": lesson.module_id,
        "title": lesson.title, "position": lesson.position, "content_type": lesson.content_type,
        "duration_min": lesson.minutes, "required": lesson.is_required(at), "activity_iri": lesson.activity_iri,
        "external_id": lesson.external_id,
    }  # fmt: skip


def _assessment(assessment: Assessment) -> Values:
    return {
        "assessment_id": assessment.assessment_id, "course_id": assessment.course_id, "lesson_id": None,
        "title": assessment.title, "type": assessment.type, "max_score": assessment.max_score,
        "passing_score": assessment.passing_score, "max_attempts": assessment.max_attempts,
        "required": assessment.required, "activity_iri": assessment.activity_iri,
        "external_id": assessment.external_id,
    }  # fmt: skip


def _enrolment(enrolment: Enrolment) -> Values:
    return {
        "course_id": enrolment.course.course_id, "user_id": enrolment.user_id, "status": status(enrolment),
        "enrolled_at": iso(enrolment.enrolled_at), "completed_at": optional_iso(enrolment.completed_at),
        "due_at": optional_iso(enrolment.due_at), "cohort": enrolment.cohort,
    }  # fmt: skip
