"""When a learner completed a lesson, passed an assessment, completed a course; and by which evidence."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar

from tests.reference.attempts import Attempt, UserAssessment
from tests.reference.content import Content
from tests.reference.deeds import Deed, History
from tests.reference.read import Row
from tests.reference.school import CourseUser, School

K = TypeVar("K", bound=Hashable)

# Of two at the same time, which is named.
STRENGTH = ("row", "statement", "waived", "requirements")
UserLesson = tuple[str, str]


class Completion(NamedTuple):
    at: datetime
    evidence: str
    statement: str | None = None
    credential: str | None = None


class Completions:
    def __init__(
        self, school: School, history: History, content: Content, tries: dict[UserAssessment, list[Attempt]]
    ) -> None:
        self._content = content
        self.lessons = _earliest(_lesson_evidence(school, history))
        self.waivers = _earliest(_course_waivers(history))
        self.passes = _earliest(_pass_evidence(history, tries))
        self._lessons_of = _by_user(self.lessons)
        self._passes_of = _by_user(self.passes)
        self.courses = _earliest(self._course_evidence(school, history))

    def _course_evidence(self, school: School, history: History) -> Iterator[tuple[CourseUser, Completion]]:
        seen = _first_said(school)
        for key, row in school.enrollments.items():
            at = row["completed_at"] or seen.get(key)
            if at is not None:
                yield key, Completion(at, "row")
            if (found := self._by_requirements(*key)) is not None:
                yield key, found
        for deed in history.deeds:
            key = deed.place.course or "", deed.learner.user or ""
            if key in school.enrollments and _is_about(deed, "course") and deed.statement.kind in COMPLETING:
                yield key, _by_statement(deed, "statement")

    def _by_requirements(self, course: str, user: str) -> Completion | None:
        """The first moment at which all that is required then is done; what requires nothing is never done so."""
        lessons, passes = self._lessons_of.get(user, {}), self._passes_of.get(user, {})
        for moment in sorted(self._content.changes(course) | {*lessons.values(), *passes.values()}):
            required = self._content.required(course, moment)
            done = all(name in lessons and lessons[name] <= moment for name in required.lessons)
            passed = all(name in passes and passes[name] <= moment for name in required.assessments)
            if done and passed and (required.lessons or required.assessments):
                return Completion(moment, "requirements")
        return None


COMPLETING = frozenset(("completed", "passed"))


def _earliest(found: Iterable[tuple[K, Completion]]) -> dict[K, Completion]:
    best: dict[K, Completion] = {}
    for key, one in found:
        if key not in best or _order(one) < _order(best[key]):
            best[key] = one
    return best


def _order(found: Completion) -> tuple[datetime, int, str]:
    return found.at, STRENGTH.index(found.evidence), found.statement or ""


def _by_user(found: dict[tuple[str, str], Completion]) -> dict[str, dict[str, datetime]]:
    by_user: dict[str, dict[str, datetime]] = defaultdict(dict)
    for (user, thing), completion in found.items():
        by_user[user][thing] = completion.at
    return by_user


def _is_about(deed: Deed, level: str) -> bool:
    """Its object itself is the lesson, assessment or course, and a user speaks of themselves."""
    place = deed.place
    return deed.counts and deed.learner.user is not None and place.is_object and place.level == level


def _by_statement(deed: Deed, evidence: str) -> Completion:
    return Completion(deed.statement.at, evidence, deed.statement.id, deed.statement.credential)


def _lesson_evidence(school: School, history: History) -> Iterator[tuple[UserLesson, Completion]]:
    said = _first_said_of_lessons(school)
    for row in school.rows("lesson_progress"):
        key = row["user_id"], row["lesson_id"]
        at = row["completed_at"] or (said.get(key) if row["status"] == "completed" else None)
        if at is not None:
            yield key, Completion(at, "row")
    for deed in history.deeds:
        if not _is_about(deed, "lesson"):
            continue
        key = deed.learner.user or "", deed.place.lesson or ""
        if deed.statement.kind == "waived":
            yield key, _by_statement(deed, "waived")
        elif _completes_lesson(deed):
            yield key, _by_statement(deed, "statement")


def _completes_lesson(deed: Deed) -> bool:
    result = deed.statement.result
    says_so = deed.statement.kind in COMPLETING or result.get("completion") is True
    return says_so and result.get("success") is not False


def _pass_evidence(
    history: History, tries: dict[UserAssessment, list[Attempt]]
) -> Iterator[tuple[UserAssessment, Completion]]:
    for key, found in tries.items():
        for attempt in found:
            if attempt.passed and attempt.graded_at is not None:
                yield key, Completion(attempt.graded_at, "row" if attempt.source != "statement" else "statement")
    for deed in history.deeds:
        if deed.statement.kind == "waived" and _is_about(deed, "assessment"):
            yield (deed.learner.user or "", deed.place.assessment or ""), _by_statement(deed, "waived")


def _course_waivers(history: History) -> Iterator[tuple[CourseUser, Completion]]:
    for deed in history.deeds:
        if deed.statement.kind == "waived" and _is_about(deed, "course"):
            yield (deed.place.course or "", deed.learner.user or ""), _by_statement(deed, "waived")


def _first_said(school: School) -> dict[CourseUser, datetime]:
    """Since when the enrolment was said to be completed and this was not taken back."""
    since: dict[CourseUser, datetime] = {}
    for row in sorted(school.rows("enrollment_history"), key=lambda row: (row["happened_at"], row["event_key"])):
        key = row["course_id"], row["user_id"]
        if row["status"] == "completed" or row["completed_at"] is not None:
            since.setdefault(key, row["happened_at"])
        elif row["says_completion"]:
            since.pop(key, None)
    return since


def _first_said_of_lessons(school: School) -> dict[UserLesson, datetime]:
    since: dict[UserLesson, datetime] = {}
    for row in sorted(school.rows("lesson_progress_history"), key=lambda row: (row["happened_at"], row["event_key"])):
        key = row["user_id"], row["lesson_id"]
        if row["status"] == "completed":
            since.setdefault(key, row["happened_at"])
        elif row["is_whole"]:
            since.pop(key, None)
    return since


def progress(required: frozenset[str], done: Iterable[str]) -> float | None:
    return len(required & set(done)) / len(required) if required else None


def enrolments_of(school: School) -> list[Row]:
    """Who counts: staff do not, though they are enrolled."""
    rows = school.enrollments.items()
    return [row for (course, user), row in rows if school.standing(user, course) == "learner"]
