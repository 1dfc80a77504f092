"""Attempts and completed courses by a plain reading."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.unit.simulator import law
from tests.unit.simulator.reading import Lms, Said

SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
ATTEMPT_KINDS = {"passed", "failed", "scored", "graded"}
MINUTE, TEN = timedelta(minutes=1), timedelta(minutes=10)


@dataclass
class Told:
    at: datetime
    session: str | None
    verdict: bool | None
    raw: float | None
    share: float | None


@dataclass
class Tried:
    submitted_at: datetime
    graded_at: datetime | None
    score: float | None
    share: float | None
    passed: bool | None


def assessments(lms: Lms) -> dict[str, dict[str, Any]]:
    return {
        one["assessmentId"]: {**one, "courseId": course_id}
        for course_id, versions in lms.courses.items()
        for one in versions[-1][1]["assessments"]
    }


def attempts(said: list[Said], lms: Lms) -> dict[tuple[str, str], list[Tried]]:
    known, told = assessments(lms), _told(said, assessments(lms))
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for (assessment, user, _), row in lms.submissions.items():
        rows[assessment, user].append(dict(row))
    found = {}
    for key in told.keys() | rows.keys():
        found[key] = list(_joined(told.get(key, []), rows.get(key, []), known[key[0]]))
    return found


def _told(said: list[Said], known: dict[str, dict[str, Any]]) -> dict[tuple[str, str], list[Told]]:
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in said:
        result = one.tree.get("result", {})
        is_try = one.kind in ATTEMPT_KINDS or (one.kind == "completed" and "score" in result)
        if one.learner is None or one.is_group or not one.is_object or one.assessment is None or not is_try:
            continue
        new = _read(one, result, known[one.assessment]["maxScore"])
        group = found[one.assessment, one.learner]
        if not any(_is_same(first, new) for first in group):
            group.append(new)
    return found


def _read(one: Said, result: dict[str, Any], most: float) -> Told:
    score = result.get("score", {})
    verdict = result.get("success", {"passed": True, "failed": False}.get(one.kind))
    share = score.get("scaled")
    if share is None or share < 0:
        share = None
        if "raw" in score:
            low, high = score.get("min", 0), score.get("max", most)
            share = (score["raw"] - low) / (high - low)
    session = one.tree.get("context", {}).get("extensions", {}).get(SESSION)
    return Told(one.at, session, verdict, score.get("raw"), share)


def _is_same(first: Told, new: Told) -> bool:
    if new.session is not None or first.session is not None:
        return new.session == first.session
    return (first.verdict, first.share) == (new.verdict, new.share) and new.at - first.at <= MINUTE


def _joined(told: list[Told], rows: list[dict[str, Any]], known: dict[str, Any]) -> Iterator[Tried]:
    left = list(told)
    pairs = sorted(
        ((_distance(one, row), number, row_number))
        for number, one in enumerate(left)
        for row_number, row in enumerate(rows)
    )
    partner: dict[int, Told] = {}
    taken: set[int] = set()
    for distance, number, row_number in pairs:
        if distance <= TEN and number not in taken and row_number not in partner:
            partner[row_number] = left[number]
            taken.add(number)
    for row_number, row in enumerate(rows):
        yield _of_row(row, partner.get(row_number), known)
    for number, one in enumerate(left):
        if number not in taken:
            yield Tried(one.at, one.at, one.raw, one.share, _passed(one.verdict, one.share, known))


def _distance(one: Told, row: dict[str, Any]) -> timedelta:
    times: list[datetime] = [at for at in (row["submitted_at"], row["graded_at"]) if at is not None]
    return min(abs(one.at - at) for at in times)


def _of_row(row: dict[str, Any], told: Told | None, known: dict[str, Any]) -> Tried:
    if row["score"] is not None:
        share = row["score"] / known["maxScore"]
        return Tried(row["submitted_at"], row["graded_at"], row["score"], share, _passed(None, share, known))
    if told is None:
        return Tried(row["submitted_at"], None, None, None, None)
    return Tried(row["submitted_at"], told.at, told.raw, told.share, _passed(told.verdict, told.share, known))


def _passed(verdict: bool | None, share: float | None, known: dict[str, Any]) -> bool | None:
    if verdict is not None or share is None or known.get("passingScore") is None:
        return verdict
    passing: float = known["passingScore"] / known["maxScore"]
    return share >= passing


def course_completions(said: list[Said], lms: Lms) -> dict[tuple[str, str], datetime]:
    """By course and learner, for all who are enrolled."""
    lessons = law.lesson_completions(said, lms)
    passed: dict[tuple[str, str], datetime] = {}
    for (assessment, learner), tries in attempts(said, lms).items():
        times = [one.graded_at for one in tries if one.passed and one.graded_at is not None]
        if times:
            passed[assessment, learner] = min(times)
    about: dict[tuple[str, str], datetime] = {}
    for one in said:
        if one.learner is None or one.is_group or not one.is_object:
            continue
        if one.level == "course" and one.kind in {"completed", "passed"}:
            about.setdefault((one.course or "", one.learner), one.at)
        if one.kind == "waived" and one.assessment is not None:
            key = one.assessment, one.learner
            passed[key] = min(one.at, passed.get(key, one.at))
    found = {}
    for course, learner in lms.enrolments:
        moments: list[datetime | None] = [lms.enrolments[course, learner]["completed_at"]]
        moments += [about.get((course, learner)), _met(lms.courses[course], learner, lessons, passed)]
        known = [at for at in moments if at is not None]
        if known:
            found[course, learner] = min(known)
    return found


def _met(
    versions: list[tuple[datetime, dict[str, Any]]],
    learner: str,
    lessons: dict[tuple[str, str], datetime],
    passed: dict[tuple[str, str], datetime],
) -> datetime | None:
    """In each version of the course: when the last of what it required was done, if that was while it held."""
    for number, (since, course) in enumerate(versions):
        until = versions[number + 1][0] if number + 1 < len(versions) else None
        required = [each["lessonId"] for module in course["modules"] for each in module["lessons"] if each["required"]]
        needed = [lessons.get((name, learner)) for name in required]
        needed += [passed.get((one["assessmentId"], learner)) for one in course["assessments"] if one["required"]]
        times = [at for at in needed if at is not None]
        if not needed or len(times) < len(needed):
            continue
        moment = max(*times, since) if number else max(times)
        if until is None or moment < until:
            return moment
    return None
