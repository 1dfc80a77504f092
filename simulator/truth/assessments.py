"""Attempts, grades and pass rates, as plans decided them."""

from collections import defaultdict

import msgspec

from simulator.moments import iso, optional_iso
from simulator.plans.facts import Attempt, CourseFacts, Enrolment
from simulator.truth.tables import Row, Tables
from simulator.world.tenants import Tenant

BINS = 10


class Grades(msgspec.Struct):
    learners: int = 0
    graded: int = 0
    passed: int = 0
    total: float = 0.0
    with_share: int = 0
    bins: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)


class Assessments:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.grades: dict[str, Grades] = defaultdict(Grades)

    def add(self, facts: CourseFacts, enrolment: Enrolment, tables: Tables) -> None:
        for assessment_id, attempts in by_assessment(facts).items():
            best = best_share(attempts)
            self._tally(self.grades[assessment_id], attempts, best)
            bests = [attempt for attempt in attempts if attempt.share is not None and attempt.share == best]
            for ordinal, attempt in enumerate(attempts, 1):
                tables.write("fct_assessment_attempts", {
                    "course": facts.course.course_id, "assessment": assessment_id, "learner": enrolment.user_id,
                    **described(attempt), "ordinal": ordinal, "is_last": ordinal == len(attempts),
                    "is_best": attempt in bests[:1],
                })  # fmt: skip

    def _tally(self, grades: Grades, attempts: list[Attempt], best: float | None) -> None:
        verdicts = [attempt.passed for attempt in attempts if attempt.passed is not None]
        grades.learners += 1
        grades.graded += bool(verdicts)
        grades.passed += any(verdicts)
        if best is not None:
            grades.with_share += 1
            grades.total += best
            grades.bins[min(max(int(best * BINS), 0), BINS - 1)] += 1

    def finish(self, tables: Tables) -> None:
        for assessment_id, grades in sorted(self.grades.items()):
            course = self.tenant.assessments[assessment_id].course_id
            for number, count in enumerate(grades.bins):
                tables.write("mart_grade_distribution", {
                    "course": course, "assessment": assessment_id, "bin": number + 1, "learners": count,
                })  # fmt: skip
            tables.write("assessment_pass_rates", {
                "course": course, "assessment": assessment_id, "attempted": grades.learners, "graded": grades.graded,
                "passed": grades.passed, "pass_rate": grades.passed / grades.graded if grades.graded else None,
                "mean_best_share": grades.total / grades.with_share if grades.with_share else None,
            })  # fmt: skip


def described(attempt: Attempt) -> Row:
    return {
        "submitted_at": iso(attempt.submitted_at),
        "graded_at": optional_iso(attempt.graded_at),
        "score": attempt.score,
        "share": attempt.share,
        "passed": attempt.passed,
        "source": attempt.source,
        "attempt_number": attempt.number,
    }


def by_assessment(facts: CourseFacts, before: int | None = None) -> dict[str, list[Attempt]]:
    """In order: the time of submission, the number, the id. `before`: only what was submitted by then."""
    found: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in sorted(facts.attempts, key=lambda one: (one.submitted_at, one.number or 0, one.id)):
        if before is None or attempt.submitted_at < before:
            found[attempt.assessment.assessment_id].append(attempt)
    return found


def best_share(attempts: list[Attempt], before: int | None = None) -> float | None:
    shares = [
        attempt.share
        for attempt in attempts
        if attempt.share is not None
        and (before is None or (attempt.graded_at is not None and attempt.graded_at < before))
    ]
    return max(shares, default=None)
