"""One tenant: what the LMS knows of it, by id."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tests.reference.read import Frames, Row, rows_of

CourseUser = tuple[str, str]


@dataclass(frozen=True)
class School:
    frames: Frames
    tenant_id: int
    zone: ZoneInfo

    def rows(self, table: str) -> list[Row]:
        return rows_of(self.frames, table, self.tenant_id)

    @cached_property
    def users(self) -> dict[str, Row]:
        return {row["user_id"]: row for row in self.rows("users")}

    @cached_property
    def courses(self) -> dict[str, Row]:
        return {row["course_id"]: row for row in self.rows("courses")}

    @cached_property
    def lessons(self) -> dict[str, Row]:
        return {row["lesson_id"]: row for row in self.rows("lessons")}

    @cached_property
    def assessments(self) -> dict[str, Row]:
        return {row["assessment_id"]: row for row in self.rows("assessments")}

    @cached_property
    def modules(self) -> dict[tuple[str, str], Row]:
        return {(row["course_id"], row["module_id"]): row for row in self.rows("modules")}

    @cached_property
    def enrollments(self) -> dict[CourseUser, Row]:
        return {(row["course_id"], row["user_id"]): row for row in self.rows("enrollments")}

    @cached_property
    def teachers(self) -> set[CourseUser]:
        listed = (row for row in self.rows("course_instructors") if row["is_listed"] and row["removed_at"] is None)
        return {(row["course_id"], row["user_id"]) for row in listed}

    @cached_property
    def first_enrolled(self) -> dict[CourseUser, datetime]:
        """A second enrolment moves enrolled_at, and who had been enrolled before had been."""
        found: dict[CourseUser, datetime] = {}
        for row in [*self.rows("enrollments"), *self.rows("enrollment_history")]:
            key = row["course_id"], row["user_id"]
            if row["enrolled_at"] is not None:
                found[key] = min(found.get(key, row["enrolled_at"]), row["enrolled_at"])
        return found

    @cached_property
    def _statuses(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.rows("course_history"), key=lambda row: (row["happened_at"], row["event_key"])):
            found[row["course_id"]].append(row)
        return found

    def status_at(self, course: str, at: datetime) -> str:
        """What was known first was always so."""
        told = self._statuses[course]
        return str(([row for row in told if row["happened_at"] <= at] or told[:1])[-1]["status"])

    def standing(self, user_id: str | None, course_id: str | None) -> str:
        """Staff are those who teach the course, and those who are no students unless they are enrolled in it."""
        if user_id is None:
            return "unmatched"
        is_student = self.users[user_id]["role"] == "student"
        if course_id is None:
            return "learner" if is_student else "staff"
        if (course_id, user_id) in self.teachers:
            return "staff"
        if (course_id, user_id) in self.enrollments:
            return "learner"
        return "not_enrolled" if is_student else "staff"

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """At which the day begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def next_midnight(self, at: datetime) -> datetime:
        return self.midnight(self.day(at) + timedelta(days=1))


def schools(frames: Frames) -> list[School]:
    return [School(frames, row["tenant_id"], ZoneInfo(row["time_zone"])) for row in frames["tenants"].to_dicts()]
