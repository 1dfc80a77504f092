"""What somebody is to a course: the columns of their own that staff, visitors and strangers get."""

from typing import Literal

from simulator.plans.facts import Facts

Standing = Literal["learner", "staff", "not_enrolled", "unmatched"]
COLUMN: dict[Standing, str] = {
    "learner": "",
    "staff": "staff_",
    "not_enrolled": "not_enrolled_",
    "unmatched": "unmatched_",
}


def standing(facts: Facts, course: str | None) -> Standing:
    """Outside of all courses a student is a learner."""
    if len(facts.users) != 1:
        return "unmatched"
    if facts.users[0].role != "student":
        return "staff"
    if course is None:
        return "learner"
    known = facts.courses.get(course)
    return "learner" if known is not None and known.enrolment is not None else "not_enrolled"
