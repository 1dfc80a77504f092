"""A course's numbers: completion, funnel, compliance."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import median

from tests.reference.completion import Completions, enrolments_of, progress
from tests.reference.content import Content
from tests.reference.deeds import History
from tests.reference.engagement import Rows
from tests.reference.read import Row
from tests.reference.school import School

DAY = 86_400


@dataclass(frozen=True)
class Courses:
    school: School
    history: History
    content: Content
    completions: Completions
    as_of: datetime

    @cached_property
    def enrolments(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {course: [] for course in self.school.courses}
        for row in enrolments_of(self.school):
            found[row["course_id"]].append(row)
        return found

    def is_waived(self, row: Row) -> bool:
        return (row["course_id"], row["user_id"]) in self.completions.waivers

    def completed_at(self, row: Row) -> datetime | None:
        found = self.completions.courses.get((row["course_id"], row["user_id"]))
        return None if found is None else found.at

    def progress(self, row: Row) -> float | None:
        required = self.content.required(row["course_id"], self.as_of).lessons
        return progress(required, (name for name in required if (row["user_id"], name) in self.completions.lessons))

    def completion(self, course: str) -> dict[str, object]:
        rows = self.enrolments[course]
        present = [row for row in rows if row["status"] != "withdrawn"]
        counted = [row for row in present if not self.is_waived(row)]
        done = [(row, at) for row in counted if (at := self.completed_at(row)) is not None]
        shares = [share for row in counted if (share := self.progress(row)) is not None]
        days = [(at - row["enrolled_at"]).total_seconds() / DAY for row, at in done]
        return {
            "enrolled": len(counted), "completed": len(done),
            "completion_rate": len(done) / len(counted) if counted else None, "withdrawn": len(rows) - len(present),
            "waived": len(present) - len(counted), "median_progress": median(shares) if shares else None,
            "median_days_to_complete": median(days) if days else None,
        }  # fmt: skip

    def completion_rows(self) -> Rows:
        return [{"course": course, **self.completion(course)} for course in self.school.courses]

    def lesson_rows(self) -> Rows:
        return [
            {
                "course": course, "lesson": lesson, "learner": user, "completed_at": found.at,
                "evidence": found.evidence,
            }
            for (user, lesson), found in self.completions.lessons.items()
            if self.school.standing(user, course := self.school.lessons[lesson]["course_id"]) == "learner"
        ]  # fmt: skip

    def course_rows(self) -> Rows:
        return [
            {"course": course, "learner": user, "completed_at": found.at, "evidence": found.evidence}
            for (course, user), found in self.completions.courses.items()
            if self.school.standing(user, course) == "learner"
        ]

    def compliance_rows(self) -> Rows:
        due = (row for rows in self.enrolments.values() for row in rows if row["due_at"] is not None)
        return [self._compliance(row) for row in due]

    def _compliance(self, row: Row) -> dict[str, object]:
        found = self.completions.courses.get((row["course_id"], row["user_id"]))
        return {
            "course": row["course_id"], "learner": row["user_id"],
            "state": self._state(row, self.completed_at(row)), "due_at": row["due_at"],
            "completed_at": None if found is None else found.at, "evidence": None if found is None else found.evidence,
        }  # fmt: skip

    def _state(self, row: Row, completed_at: datetime | None) -> str:
        if row["status"] == "withdrawn":
            return "withdrawn"
        if completed_at is not None:
            return "on_time" if completed_at <= row["due_at"] else "late"
        if self.is_waived(row):
            return "waived"
        return "open" if self.as_of <= row["due_at"] else "overdue"

    @cached_property
    def started(self) -> set[tuple[str, str]]:
        """(User, lesson): any statement that is an activity, or any row of progress."""
        said = {
            (deed.learner.user, deed.place.lesson)
            for deed in self.history.deeds
            if deed.learner.user is not None and deed.place.lesson is not None and deed.statement.is_activity
        }
        rows = {(row["user_id"], row["lesson_id"]) for row in self.school.rows("lesson_progress")}
        return said | rows | self.completions.lessons.keys()

    def funnel_rows(self) -> Rows:
        return [row for course in self.school.courses for row in self._funnel(course)]

    def _funnel(self, course: str) -> Rows:
        users = [row["user_id"] for row in self.enrolments[course] if row["status"] != "withdrawn"]
        before, rows = len(users), []
        for position, lesson in enumerate(self._in_order(course), 1):
            completed = sum((user, lesson) in self.completions.lessons for user in users)
            rows.append({
                "course": course, "lesson": lesson, "position": position, "enrolled": len(users),
                "started": sum((user, lesson) in self.started for user in users), "completed": completed,
                "drop_off": 1 - completed / before if before else None,
            })  # fmt: skip
            before = completed
        return rows

    def _in_order(self, course: str) -> list[str]:
        def order(lesson: str) -> tuple[int, int, str]:
            row = self.school.lessons[lesson]
            module = self.school.modules[row["course_id"], row["module_id"]]
            return module["position"], row["position"], lesson

        return sorted(self.content.required(course, self.as_of).lessons, key=order)
