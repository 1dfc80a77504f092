"""Who comes back in the weeks after enrolling."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tests.reference.completion import enrolments_of
from tests.reference.deeds import History
from tests.reference.engagement import Rows
from tests.reference.read import Row
from tests.reference.school import CourseUser, School


class Cohort(NamedTuple):
    course: str
    name: str
    members: list[Row]


def retention_rows(school: School, history: History, as_of: datetime) -> Rows:
    active: dict[CourseUser, set[date]] = defaultdict(set)
    for deed in history.deeds:
        if deed.statement.is_timed and deed.learner.user is not None and deed.place.course is not None:
            active[deed.place.course, deed.learner.user].add(school.day(deed.statement.at))
    cohorts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in enrolments_of(school):
        cohorts[row["course_id"], iso_week(school.day(row["enrolled_at"]))].append(row)
    return [
        row
        for (course, name), members in sorted(cohorts.items())
        for row in _of_cohort(school, Cohort(course, name, members), active, as_of)
    ]


def iso_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _of_cohort(
    school: School, cohort: Cohort, active: dict[CourseUser, set[date]], as_of: datetime
) -> Iterator[dict[str, object]]:
    """As far as the week that is under way for the first of them."""
    course, name, members = cohort
    began = [school.day(member["enrolled_at"]) for member in members]
    today = school.day(as_of)
    for week in range((today - min(began)).days // 7 + 1):
        present = sum(
            any(since + timedelta(days=7 * week + number) in days for number in range(7))
            for member, since in zip(members, began, strict=True)
            if (days := active.get((course, member["user_id"])))
        )
        is_over = school.midnight(max(began) + timedelta(days=7 * (week + 1))) <= as_of
        yield {
            "course": course, "cohort": name, "week": week, "members": len(members),
            "active": present if is_over else None,
            "retention": present / len(members) if is_over else None,
        }  # fmt: skip
