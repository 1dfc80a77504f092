"""Who is at risk at a moment, by a plain reading."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.unit.simulator import law, law_assessment
from tests.unit.simulator.law_assessment import Tried
from tests.unit.simulator.reading import EARLIEST, Lms, Said, parse

Key = tuple[str, str]


@dataclass
class Known:
    """By course and learner, or by the lesson's or assessment's id and learner."""

    active: dict[Key, list[datetime]]
    lessons: dict[Key, datetime]
    attempts: dict[Key, list[Tried]]
    completed: dict[Key, datetime]
    waived: set[Key]


def know(said: list[Said], lms: Lms) -> Known:
    active: dict[Key, list[datetime]] = defaultdict(list)
    for one in said:
        if one.learner and one.course and one.kind != "graded" and one.at >= EARLIEST:
            active[one.course, one.learner].append(one.at)
    waived = {(one.course or "", one.learner or "") for one in said if one.kind == "waived" and one.level == "course"}
    return Known(
        active, law.lesson_completions(said, lms), law_assessment.attempts(said, lms),
        law_assessment.course_completions(said, lms), waived,
    )  # fmt: skip


def course_at(lms: Lms, course: str, at: datetime) -> dict[str, Any]:
    return [version for since, version in lms.courses[course] if since <= at][-1]


def is_candidate(lms: Lms, known: Known, key: Key, at: datetime) -> bool:
    course = course_at(lms, key[0], at)
    is_published = course["status"] == "published" or (course["status"] == "draft" and key[0] in lms.published)
    is_over = course.get("endsAt") is not None and at >= parse(course["endsAt"])
    is_active = lms.enrolments[key]["status"] == "active"
    return is_published and not is_over and is_active and key not in known.completed and key not in known.waived


def reasons(lms: Lms, known: Known, key: Key, at: datetime) -> list[str]:
    course, learner = key
    version, row = course_at(lms, course, at), lms.enrolments[key]
    required = [one["lessonId"] for module in version["modules"] for one in module["lessons"] if one["required"]]
    done = sum(known.lessons.get((lesson, learner), at) < at for lesson in required)
    share = Fraction(done, len(required)) if required else None
    due_at = None if row["due_at"] is None else parse(row["due_at"])
    end = due_at or _end(version, row)
    tries = {
        one["assessmentId"]: known.attempts.get((one["assessmentId"], learner), []) for one in version["assessments"]
    }
    held = {
        "inactive": at - max(known.active.get(key, []), default=row["enrolled_at"]) >= timedelta(hours=168),
        "behind": share is not None and end is not None and _pace(row["enrolled_at"], end, at) - share > Fraction(1, 5),
        "low_grades": _low(version, tries),
        "failed": any(_failed(tries[one["assessmentId"]]) for one in version["assessments"] if one["required"]),
        "due": due_at is not None and due_at - at <= timedelta(days=7) and share is not None and share < Fraction(4, 5),
    }
    return [name for name, is_held in held.items() if is_held]


def _end(version: dict[str, Any], row: dict[str, Any]) -> datetime | None:
    if version.get("lengthDays") is not None:
        begun: datetime = row["enrolled_at"]
        return begun + timedelta(hours=24 * version["lengthDays"])
    return parse(version["endsAt"]) if version.get("endsAt") else None


def _pace(begun: datetime, end: datetime, at: datetime) -> Fraction:
    micro = timedelta(microseconds=1)
    return min(max(Fraction((at - begun) // micro, (end - begun) // micro), Fraction(0)), Fraction(1))


def _low(version: dict[str, Any], tries: dict[str, list[Tried]]) -> bool:
    pairs = []
    for one in version["assessments"]:
        shares = [each.share for each in tries[one["assessmentId"]] if each.share is not None]
        if shares and one.get("passingScore") is not None:
            pairs.append((max(shares), one["passingScore"] / one["maxScore"]))
    return bool(pairs) and sum(best for best, _ in pairs) / len(pairs) < sum(share for _, share in pairs) / len(pairs)


def _failed(tries: list[Tried]) -> bool:
    return bool(tries) and max(tries, key=lambda one: one.submitted_at).passed is False
