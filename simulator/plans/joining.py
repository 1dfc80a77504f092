"""In which courses a learner is, since when, until when."""

from random import Random

from simulator.moments import DAY, HOUR
from simulator.plans.facts import Enrolment
from simulator.plans.study import Study
from simulator.world.tenants import Tenant
from simulator.world.things import Course, User

LATE_JOINERS = 0.12
WITHDRAWN = 0.05
REJOINED = 0.03
MOST_COURSES = 4
# Nobody comes back in the last ten days: whether that counts as being inactive, the law leaves open.
REJOIN_BY = 14 * DAY
WITHOUT_COHORT = 0.1
# Courses in which nothing happens.
CLOSED = frozenset(("draft", "archived"))


def join(tenant: Tenant, rng: Random, user: User, must: Course | None = None) -> list[Enrolment]:
    chosen = [course for course in tenant.courses.values() if rng.random() < course.share and course is not must]
    if must is not None or not chosen:
        chosen.insert(0, must or tenant.courses["linear"])
    return [enrol(tenant, rng, user, course, is_plain=course is must) for course in chosen[:MOST_COURSES]]


def enrol(tenant: Tenant, rng: Random, user: User, course: Course, *, is_plain: bool = False) -> Enrolment:
    """Plainly: nobody leaves or comes back."""
    enrolled_at = _begin(tenant, rng, course)
    days = course.due_days
    enrolment = Enrolment(
        course=course,
        user_id=user.user_id,
        enrolled_at=enrolled_at,
        cohort=_cohort(tenant, rng, enrolled_at),
        due_at=None if days is None else enrolled_at + days * DAY,
    )
    if course.shape == "archived":
        _settle_archived(rng, enrolment)
    elif course.shape not in CLOSED and not is_plain:
        _interrupt(tenant, rng, enrolment)
    return enrolment


def _begin(tenant: Tenant, rng: Random, course: Course) -> int:
    """Most begin in the first week, some weeks later; the LMS writes whole seconds."""
    first = max(course.starts_at, tenant.start) if course.shape != "archived" else course.starts_at
    if course.shape != "short" and rng.random() < LATE_JOINERS:
        return first + (7 + int(rng.random() * 21)) * DAY + int(rng.random() * 36_000) * 1000
    return first + int(rng.random() * 4) * DAY + 8 * HOUR + int(rng.random() * 36_000) * 1000


def _cohort(tenant: Tenant, rng: Random, enrolled_at: int) -> str | None:
    if rng.random() < WITHOUT_COHORT:
        return None
    return "autumn" if enrolled_at < tenant.start + 7 * DAY else "late"


def _settle_archived(rng: Random, enrolment: Enrolment) -> None:
    if rng.random() < 0.6:
        enrolment.completed_at = enrolment.enrolled_at + int(10 + rng.random() * 20) * DAY


def _interrupt(tenant: Tenant, rng: Random, enrolment: Enrolment) -> None:
    drawn = rng.random()
    if drawn < WITHDRAWN:
        when = enrolment.enrolled_at + int(3 + rng.random() * 30) * DAY + 3600_000
        if when < tenant.as_of - DAY:
            enrolment.withdrawn_at = when
    elif drawn < WITHDRAWN + REJOINED and enrolment.course.shape not in {"short", "h5p", "packages"}:
        again = enrolment.enrolled_at + int(14 + rng.random() * 20) * DAY
        if again < tenant.as_of - REJOIN_BY:
            enrolment.first_enrolled_at, enrolment.enrolled_at = enrolment.enrolled_at, again
            if enrolment.course.due_days is not None:
                enrolment.due_at = again + enrolment.course.due_days * DAY


def settle_rows(study: Study, enrolments: list[Enrolment]) -> None:
    """Where the LMS has a button for it, learners who have seen enough say themselves that they are done."""
    for enrolment in enrolments:
        seen = sorted(at for at, _ in study.of(enrolment.course).lessons.values())
        if enrolment.course.completed_by == "row" and len(seen) >= 2 and not enrolment.is_withdrawn:
            enrolment.completed_at = seen[1] + 5 * 60_000
