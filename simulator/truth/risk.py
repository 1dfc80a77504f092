"""Who is at risk and why, at any moment, from what the plan had brought about by then."""

from bisect import bisect_left
from collections import defaultdict
from fractions import Fraction

import msgspec

from simulator.moments import DAY, HOUR, iso, optional_iso
from simulator.plans.facts import CourseFacts, Enrolment
from simulator.truth.assessments import best_share, by_assessment
from simulator.truth.completion import Completed, progress
from simulator.truth.tables import Row, Tables
from simulator.world.tenants import Tenant
from simulator.world.things import User

WEIGHTS = {"inactive": 30, "behind": 25, "low_grades": 15, "failed": 15, "due": 15}
INACTIVE = 168 * HOUR
BEHIND = Fraction(20, 100)
SOON = 7 * DAY
ENOUGH = 0.8
SMALLEST_GROUP = 10


def reasons(facts: CourseFacts, enrolment: Enrolment, at: int) -> list[str]:
    """In the order of the weights. Only what occurred before `at` is looked at."""
    share = progress(facts, at)
    held = {
        "inactive": at - last_active(facts, enrolment, at) >= INACTIVE,
        "behind": _is_behind(facts, enrolment, at),
        "low_grades": _has_low_grades(facts, at),
        "failed": _has_failed(facts, at),
        "due": enrolment.due_at is not None and enrolment.due_at <= at + SOON and share is not None and share < ENOUGH,
    }
    return [reason for reason in WEIGHTS if held[reason]]


def last_active(facts: CourseFacts, enrolment: Enrolment, at: int) -> int:
    facts.active.sort()
    number = bisect_left(facts.active, at)
    return facts.active[number - 1] if number else enrolment.enrolled_at


def _is_behind(facts: CourseFacts, enrolment: Enrolment, at: int) -> bool:
    """By exact fractions: a learner 20 points under the pace is not behind."""
    required = facts.course.required_lessons(at)
    end = enrolment.end
    if not required or end is None or end <= enrolment.enrolled_at:
        return False
    done = sum(facts.lessons.get(lesson.lesson_id, (at, ""))[0] < at for lesson in required)
    pace = Fraction(at - enrolment.enrolled_at, end - enrolment.enrolled_at)
    return min(max(pace, Fraction(0)), Fraction(1)) - Fraction(done, len(required)) > BEHIND


def _has_low_grades(facts: CourseFacts, at: int) -> bool:
    pairs = []
    for attempts in by_assessment(facts, at).values():
        best, passing = best_share(attempts, at), attempts[0].assessment.passing_share
        if best is not None and passing is not None:
            pairs.append((best, passing))
    if not pairs:
        return False
    return sum(best for best, _ in pairs) / len(pairs) < sum(passing for _, passing in pairs) / len(pairs)


def _has_failed(facts: CourseFacts, at: int) -> bool:
    for attempts in by_assessment(facts, at).values():
        last = attempts[-1]
        is_graded = last.graded_at is not None and last.graded_at < at
        if last.assessment.required and is_graded and last.passed is False:
            return True
    return False


class Outcomes(msgspec.Struct):
    flagged_completed: int = 0
    flagged_not: int = 0
    passed_over_completed: int = 0
    passed_over_not: int = 0


class Risk:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.at_risk: dict[str, int] = defaultdict(int)
        self.candidates: dict[str, int] = defaultdict(int)
        self.outcomes: dict[tuple[str, str], Outcomes] = defaultdict(Outcomes)
        # One learner's enrolments come one after the other.
        self.people: dict[tuple[str, str], int] = defaultdict(int)
        self.latest: dict[tuple[str, str], str] = {}

    def add(self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None, user: User, tables: Tables) -> Row:
        """What the learner's summary says about risk; empty for who is no candidate."""
        self._judge_midpoint(facts, enrolment, done, user)
        if not self._is_candidate(facts, enrolment, done):
            return {}
        held = reasons(facts, enrolment, self.tenant.as_of)
        row = {"at_risk": bool(held), "score": sum(WEIGHTS[reason] for reason in held) / 100, "reasons": held}
        course_id = facts.course.course_id
        self.candidates[course_id] += 1
        self.at_risk[course_id] += bool(held)
        keys = {"course": course_id, "learner": enrolment.user_id, "as_of": iso(self.tenant.as_of)}
        tables.write("mart_learners_at_risk", {**keys, **row, "due_at": optional_iso(enrolment.due_at)})
        return row

    def _is_candidate(self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None) -> bool:
        course, as_of = facts.course, self.tenant.as_of
        is_over = course.ends_at is not None and as_of >= course.ends_at
        is_out = enrolment.is_withdrawn or done is not None or facts.waived_at is not None
        return course.status == "published" and not is_over and not is_out

    def _judge_midpoint(self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None, user: User) -> None:
        end = enrolment.end
        if end is None or end >= self.tenant.as_of or enrolment.is_withdrawn or facts.waived_at is not None:
            return
        middle = enrolment.enrolled_at + (end - enrolment.enrolled_at) // 2
        published = facts.course.published_at
        is_taught = published is not None and published <= middle and facts.course.status != "archived"
        if not is_taught or (done is not None and done[0] < middle):
            return
        flagged = bool(reasons(facts, enrolment, middle))
        is_completed = done is not None and done[0] <= end
        for group in groups(enrolment, user):
            _count(self.outcomes[group], flagged=flagged, is_completed=is_completed)
            self.people[group] += self.latest.get(group) != user.user_id
            self.latest[group] = user.user_id

    def finish(self, tables: Tables) -> None:
        for (dimension, value), counts in sorted(self.outcomes.items()):
            learners = self.people[dimension, value]
            if learners >= SMALLEST_GROUP:
                tables.write("mart_risk_fairness", {
                    "dimension": dimension, "value": value, "learners": learners, **msgspec.structs.asdict(counts),
                    "false_positive_rate": _rate(counts.flagged_completed, counts.passed_over_completed),
                    "false_negative_rate": _rate(counts.passed_over_not, counts.flagged_not),
                })  # fmt: skip


def groups(enrolment: Enrolment, user: User) -> list[tuple[str, str]]:
    found = [("all", "all"), *user.attributes.items()]
    return [*found, ("cohort", enrolment.cohort)] if enrolment.cohort is not None else found


def _count(counts: Outcomes, *, flagged: bool, is_completed: bool) -> None:
    if flagged:
        counts.flagged_completed += is_completed
        counts.flagged_not += not is_completed
    else:
        counts.passed_over_completed += is_completed
        counts.passed_over_not += not is_completed


def _rate(wrong: int, right: int) -> float | None:
    return wrong / (wrong + right) if wrong + right else None
