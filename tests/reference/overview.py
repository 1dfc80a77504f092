"""Tables that bring together what the others say: risk, one learner in one course, the tenant."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import fmean
from typing import Any

from tests.reference.courses import Courses
from tests.reference.engagement import Rows, activity
from tests.reference.grades import Grades, best_share
from tests.reference.read import Row
from tests.reference.risk import Moment, Risks, score
from tests.reference.school import School


@dataclass(frozen=True)
class Overview:
    school: School
    courses: Courses
    grades: Grades
    risks: Risks
    now: Moment
    daily: Rows
    sessions: Rows
    active: dict[date, set[str]]

    @cached_property
    def reasons(self) -> dict[tuple[str, str], list[str]]:
        return {
            (row["course_id"], row["user_id"]): self.risks.reasons(row, self.now)
            for rows in self.courses.enrolments.values()
            for row in rows
            if self.risks.is_candidate(row, self.now)
        }

    def risk_rows(self) -> Rows:
        return [
            {
                "course": course, "learner": user, "as_of": self.now.as_of, "at_risk": bool(reasons),
                "score": score(reasons), "reasons": reasons,
                "due_at": self.school.enrollments[course, user]["due_at"],
            }
            for (course, user), reasons in self.reasons.items()
        ]  # fmt: skip

    def summary_rows(self) -> Rows:
        return [self._summary(row) for rows in self.courses.enrolments.values() for row in rows]

    @cached_property
    def _effort(self) -> tuple[dict[tuple[str, str], float], Counter[tuple[str, str]]]:
        seconds: dict[tuple[str, str], float] = defaultdict(float)
        counts: Counter[tuple[str, str]] = Counter()
        for row in self.daily:
            key = row["course"], row["learner"]
            seconds[key] += row["active_seconds"]
            counts[key] += row["statements"]
        return seconds, counts

    def _summary(self, row: Row) -> dict[str, Any]:
        course, user = key = row["course_id"], row["user_id"]
        seconds, counts = self._effort
        bests = [best for found in self.grades.of_user(user, course) if (best := best_share(found)) is not None]
        reasons = self.reasons.get(key)
        lessons = (name for who, name in self.courses.completions.lessons if who == user)
        return {
            "course": course, "learner": user, "cohort": row["cohort"], "enrolled_at": row["enrolled_at"],
            "status": row["status"], "progress": self.courses.progress(row),
            "completed_at": self.courses.completed_at(row), "waived": self.courses.is_waived(row),
            "lessons_completed": sum(self.school.lessons[name]["course_id"] == course for name in lessons),
            "last_active_at": self.risks.last_active_at(row, self.now), "active_seconds": seconds.get(key, 0.0),
            "statements": counts[key], "mean_best_share": fmean(bests) if bests else None,
            "at_risk": bool(reasons), "score": None if reasons is None else score(reasons), "reasons": reasons or [],
        }  # fmt: skip

    def tenant_rows(self) -> Rows:
        completions = [self.courses.completion(course) for course in self.school.courses]
        totals: dict[str, Any] = {
            name: sum(one[name] for one in completions) for name in ("enrolled", "completed", "withdrawn", "waived")
        }
        today = activity(self.active, self.school.day(self.now.as_of))
        published = sum(row["status"] == "published" for row in self.school.courses.values())
        del today["day"]
        return [{
            "as_of": self.now.as_of, **totals,
            "completion_rate": totals["completed"] / totals["enrolled"] if totals["enrolled"] else None,
            "courses_published": published, **today, "sessions": len(self.sessions),
            "active_seconds": sum(row["active_seconds"] for row in self.sessions),
        }]  # fmt: skip
