"""Who is at risk, and why: as of any moment, by what had occurred before it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import fmean

from tests.reference.attempts import Attempt, passing_share
from tests.reference.completion import Completions
from tests.reference.content import FOREVER, Content
from tests.reference.deeds import History
from tests.reference.grades import Grades, best_share
from tests.reference.read import Row
from tests.reference.school import CourseUser, School

WEIGHTS = {"inactive": 30, "behind": 25, "low_grades": 15, "failed": 15, "due": 15}
QUIET = timedelta(hours=168)
SOON = timedelta(days=7)
BEHIND = Fraction(20, 100)
LITTLE = Fraction(80, 100)


@dataclass(frozen=True)
class Moment:
    """`before`: what is known is what occurred before that; for the present, all of it."""

    as_of: datetime
    before: datetime = FOREVER


class Risks:
    def __init__(
        self, school: School, history: History, content: Content, completions: Completions, grades: Grades
    ) -> None:
        self._school = school
        self._content = content
        self._completions = completions
        self._grades = grades
        self._active: dict[CourseUser, list[datetime]] = defaultdict(list)
        for deed in history.deeds:
            if deed.learner.user is not None and deed.place.course is not None and deed.statement.is_timed:
                self._active[deed.place.course, deed.learner.user].append(deed.statement.at)

    def reasons(self, row: Row, moment: Moment) -> list[str]:
        """Of one who is a candidate."""
        held = {
            "inactive": self._is_inactive(row, moment),
            "behind": self._is_behind(row, moment),
            "low_grades": self._has_low_grades(row, moment),
            "failed": self._has_failed(row, moment),
            "due": self._is_due(row, moment),
        }
        return [reason for reason in WEIGHTS if held[reason]]

    def is_candidate(self, row: Row, moment: Moment) -> bool:
        return row["status"] == "active" and self.is_asked(row, moment)

    def is_asked(self, row: Row, moment: Moment) -> bool:
        """In the past too, when one who has completed since had not."""
        course, key = row["course_id"], (row["course_id"], row["user_id"])
        ends_at = self._school.courses[course]["ends_at"]
        completed, waived = self._completions.courses.get(key), self._completions.waivers.get(key)
        return (
            row["status"] != "withdrawn"
            and self._school.status_at(course, moment.as_of) == "published"
            and (ends_at is None or moment.as_of < ends_at)
            and (completed is None or completed.at >= moment.before)
            and (waived is None or waived.at >= moment.before)
        )

    def last_active_at(self, row: Row, moment: Moment) -> datetime | None:
        found = self._active.get((row["course_id"], row["user_id"]), [])
        return max((at for at in found if at < moment.before), default=None)

    def progress(self, row: Row, moment: Moment) -> Fraction | None:
        required = self._content.required(row["course_id"], moment.as_of).lessons
        found = (self._completions.lessons.get((row["user_id"], lesson)) for lesson in required)
        done = sum(one is not None and one.at < moment.before for one in found)
        return Fraction(done, len(required)) if required else None

    def _is_inactive(self, row: Row, moment: Moment) -> bool:
        last = self.last_active_at(row, moment)
        return moment.as_of - (last or row["enrolled_at"]) >= QUIET

    def _is_behind(self, row: Row, moment: Moment) -> bool:
        end, progress = self.end(row), self.progress(row, moment)
        if end is None or progress is None:
            return False
        return pace(row["enrolled_at"], end, moment.as_of) - progress > BEHIND

    def end(self, row: Row) -> datetime | None:
        course = self._school.courses[row["course_id"]]
        if row["due_at"] is not None:
            return row["due_at"]  # type: ignore[no-any-return]
        if course["length_days"] is not None:
            return row["enrolled_at"] + timedelta(hours=24 * course["length_days"])  # type: ignore[no-any-return]
        return course["ends_at"]  # type: ignore[no-any-return]

    def _graded(self, row: Row, moment: Moment) -> Iterator[tuple[Row, list[Attempt]]]:
        """Attempts that had been made; what was graded later was not graded then."""
        for found in self._grades.of_user(row["user_id"], row["course_id"]):
            made = [one for one in found if one.submitted_at < moment.before]
            if made:
                yield self._school.assessments[made[0].assessment], made

    def _has_low_grades(self, row: Row, moment: Moment) -> bool:
        pairs = [
            (best, passing)
            for assessment, made in self._graded(row, moment)
            if (best := best_share(one for one in made if _is_graded(one, moment))) is not None
            and (passing := passing_share(assessment)) is not None
        ]
        return bool(pairs) and fmean(best for best, _ in pairs) < fmean(passing for _, passing in pairs)

    def _has_failed(self, row: Row, moment: Moment) -> bool:
        required = self._content.required(row["course_id"], moment.as_of).assessments
        return any(
            made[-1].passed is False and _is_graded(made[-1], moment)
            for assessment, made in self._graded(row, moment)
            if assessment["assessment_id"] in required
        )

    def _is_due(self, row: Row, moment: Moment) -> bool:
        progress = self.progress(row, moment)
        is_soon = row["due_at"] is not None and row["due_at"] - moment.as_of <= SOON
        return is_soon and progress is not None and progress < LITTLE


def _is_graded(attempt: Attempt, moment: Moment) -> bool:
    return attempt.graded_at is not None and attempt.graded_at < moment.before


def pace(begin: datetime, end: datetime, at: datetime) -> Fraction:
    """Exact, since a learner may stand on the edge."""
    microsecond = timedelta(microseconds=1)
    if end <= begin:
        return Fraction(0)
    passed = Fraction((at - begin) // microsecond, (end - begin) // microsecond)
    return max(Fraction(0), min(Fraction(1), passed))


def score(reasons: list[str]) -> float:
    return sum(WEIGHTS[reason] for reason in reasons) / 100
