"""Attempts, pass rates and the histogram of grades."""

from collections.abc import Iterable
from fractions import Fraction
from statistics import fmean

from tests.reference.attempts import Attempt, UserAssessment
from tests.reference.engagement import Rows
from tests.reference.read import Row
from tests.reference.school import School

BINS = 10


class Grades:
    """Of those who count: learners of the course that the assessment is in."""

    def __init__(self, school: School, tries: dict[UserAssessment, list[Attempt]]) -> None:
        self._assessments = school.assessments
        self.tries = {
            (user, name): found
            for (user, name), found in tries.items()
            if school.standing(user, school.assessments[name]["course_id"]) == "learner"
        }

    def attempt_rows(self) -> Rows:
        return [
            {
                "course": self._assessments[one.assessment]["course_id"], "assessment": one.assessment,
                "learner": one.user, "submitted_at": one.submitted_at, "graded_at": one.graded_at, "score": one.score,
                "share": one.share, "passed": one.passed, "source": one.source, "attempt_number": one.number,
                "ordinal": one.ordinal, "is_last": one.is_last, "is_best": one.is_best,
            }
            for found in self.tries.values()
            for one in found
        ]  # fmt: skip

    def pass_rows(self) -> Rows:
        return [
            {"course": row["course_id"], "assessment": name, **pass_rate(list(self.of_assessment(name).values()))}
            for name, row in self._attempted()
        ]

    def distribution_rows(self) -> Rows:
        rows: Rows = []
        for name, row in self._attempted():
            bests = [best for found in self.of_assessment(name).values() if (best := best_share(found)) is not None]
            rows += [
                {
                    "course": row["course_id"], "assessment": name, "bin": number,
                    "learners": sum(bin_of(best) == number for best in bests),
                }
                for number in range(1, BINS + 1)
            ]  # fmt: skip
        return rows

    def of_assessment(self, name: str) -> dict[str, list[Attempt]]:
        return {user: found for (user, of), found in self.tries.items() if of == name}

    def of_user(self, user: str, course: str) -> list[list[Attempt]]:
        return [
            found
            for (who, name), found in self.tries.items()
            if who == user and self._assessments[name]["course_id"] == course
        ]

    def of_course(self, course: str) -> dict[str, list[list[Attempt]]]:
        by_user: dict[str, list[list[Attempt]]] = {}
        for (user, name), found in self.tries.items():
            if self._assessments[name]["course_id"] == course:
                by_user.setdefault(user, []).append(found)
        return by_user

    def _attempted(self) -> list[tuple[str, Row]]:
        return [(name, self._assessments[name]) for name in sorted({name for _, name in self.tries})]


def best_share(found: Iterable[Attempt]) -> float | None:
    return max((one.share for one in found if one.share is not None), default=None)


def bin_of(share: float) -> int:
    """The last is closed, and what lies outside is in the outer ones."""
    exact = Fraction(str(share)) * BINS
    return max(1, min(BINS, exact.__floor__() + 1))


def pass_rate(found: list[list[Attempt]]) -> dict[str, object]:
    graded = [tries for tries in found if any(one.passed is not None for one in tries)]
    passed = sum(any(one.passed for one in tries) for tries in graded)
    bests = [best for tries in found if (best := best_share(tries)) is not None]
    return {
        "attempted": len(found), "graded": len(graded), "passed": passed,
        "pass_rate": passed / len(graded) if graded else None, "mean_best_share": fmean(bests) if bests else None,
    }  # fmt: skip
