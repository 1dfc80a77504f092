"""Attempts of those who count."""

from collections import defaultdict
from collections.abc import Iterable

from tests.reference.attempts import Attempt, UserAssessment
from tests.reference.engagement import Rows
from tests.reference.school import School


class Grades:
    """Of learners of the course that the assessment is in."""

    def __init__(self, school: School, tries: dict[UserAssessment, list[Attempt]]) -> None:
        self._assessments = school.assessments
        counting = {
            (user, name): found
            for (user, name), found in tries.items()
            if school.standing(user, school.assessments[name]["course_id"]) == "learner"
        }
        self._by_user: dict[str, list[list[Attempt]]] = defaultdict(list)
        for (user, _), found in counting.items():
            self._by_user[user].append(found)

    def attempt_rows(self) -> Rows:
        return [
            {
                "course": self._assessments[one.assessment]["course_id"], "assessment": one.assessment,
                "learner": one.user, "submitted_at": one.submitted_at, "graded_at": one.graded_at, "score": one.score,
                "share": one.share, "passed": one.passed, "source": one.source, "attempt_number": one.number,
                "ordinal": one.ordinal, "is_last": one.is_last, "is_best": one.is_best,
            }
            for tries in self._by_user.values()
            for found in tries
            for one in found
        ]  # fmt: skip

    def of_user(self, user: str, course: str) -> list[list[Attempt]]:
        tries = self._by_user.get(user, [])
        return [found for found in tries if self._assessments[found[0].assessment]["course_id"] == course]


def best_share(found: Iterable[Attempt]) -> float | None:
    return max((one.share for one in found if one.share is not None), default=None)
