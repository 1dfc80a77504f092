"""From when until when a course had a lesson or an assessment, and whether it was required."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from tests.reference.read import Row
from tests.reference.school import School

ALWAYS = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)


class Period(NamedTuple):
    since: datetime
    until: datetime
    course: str
    required: bool


class Required(NamedTuple):
    lessons: frozenset[str]
    assessments: frozenset[str]


class Content:
    def __init__(self, school: School) -> None:
        listings = school.rows("listings")
        self._periods = {
            kind: _periods(
                school.rows(f"{kind}_history"), f"{kind}_id", [row for row in listings if row["kind"] == kind]
            )
            for kind in ("lesson", "assessment")
        }
        self._courses: dict[str, list[tuple[str, str, Period]]] = defaultdict(list)
        for kind, things in self._periods.items():
            for name, periods in things.items():
                for period in periods:
                    self._courses[period.course].append((kind, name, period))

    def required(self, course: str, at: datetime) -> Required:
        found = [
            (kind, name)
            for kind, name, period in self._courses[course]
            if period.required and period.since <= at < period.until
        ]
        lessons, assessments = (
            frozenset(name for kind, name in found if kind == wanted) for wanted in ("lesson", "assessment")
        )
        return Required(lessons, assessments)

    def changes(self, course: str) -> set[datetime]:
        ends = {moment for _, _, period in self._courses[course] for moment in (period.since, period.until)}
        return ends - {ALWAYS, FOREVER}


def _periods(tellings: list[Row], key: str, listings: list[Row]) -> dict[str, list[Period]]:
    by_thing: dict[str, list[Row]] = defaultdict(list)
    for row in tellings:
        by_thing[row[key]].append(row)
    by_course: dict[str, list[Row]] = defaultdict(list)
    for row in listings:
        by_course[row["course_id"]].append(row)
    return {name: _of_one(rows, by_course) for name, rows in by_thing.items()}


def _of_one(tellings: list[Row], listings: dict[str, list[Row]]) -> list[Period]:
    """A listing of its course that does not name it removes it. The first that is known was always so."""
    told = {(row["happened_at"], row["event_key"]): row for row in tellings}
    silent = {
        (row["happened_at"], row["event_key"]): row
        for course in {row["course_id"] for row in tellings}
        for row in listings.get(course, [])
    }
    states: list[tuple[datetime, Row | None]] = []
    current: Row | None = None
    for moment in sorted(told.keys() | silent.keys()):
        if moment in told:
            current = told[moment] if told[moment]["is_listed"] else None
            home = told[moment]["course_id"]
        elif states and silent[moment]["course_id"] == home:
            current = None
        elif not states:
            home = silent[moment]["course_id"]
        states.append((moment[0], current))
    states[0] = (ALWAYS, states[0][1])
    return [
        Period(since, until, row["course_id"], row["required"])
        for (since, row), (until, _) in pairwise([*states, (FOREVER, None)])
        if row is not None and since < until
    ]
