"""What happens to a learner at times of its own: enrolments that are announced, waivers, broken clocks."""

from simulator.dialects import cmi5, openedx, web
from simulator.dialects.adl import WAIVED
from simulator.moments import DAY, HOUR, MINUTE
from simulator.plans.facts import Enrolment
from simulator.plans.joining import CLOSED
from simulator.plans.learning import Chore
from simulator.plans.steps import Outcome
from simulator.plans.study import Study
from simulator.world.things import Lesson

COURSE_WAIVED, LESSON_WAIVED, AHEAD, BEHIND = 0.02, 0.06, 0.03, 0.03
WAIVER = Outcome(success=True, completion=True)
YEAR_2100 = 4_102_444_800_000
YEAR_1970 = 12 * HOUR


def chores_of(study: Study, enrolments: list[Enrolment]) -> list[Chore]:
    found: list[Chore] = []
    for enrolment in enrolments:
        shape = enrolment.course.shape
        if shape == "openedx":
            found += _announcements(study, enrolment)
        elif shape == "cmi5" and study.chance(LESSON_WAIVED):
            found.append(_lesson_waiver(study, enrolment))
        elif shape in {"linear", "changing"} and study.chance(COURSE_WAIVED):
            found.append(course_waiver(study, enrolment))
    return found


def _announcements(study: Study, enrolment: Enrolment) -> list[Chore]:
    course = enrolment.course

    def register(at: int) -> None:
        study.timeline.alone(at, openedx.REGISTERED, course, course.place, study.visit(course))

    def unregister(at: int) -> None:
        study.timeline.alone(at, openedx.UNREGISTERED, course, course.place, study.visit(course))

    began = enrolment.first_enrolled_at or enrolment.enrolled_at
    found = [Chore(began + MINUTE, register)]
    if enrolment.withdrawn_at is not None:
        found.append(Chore(enrolment.withdrawn_at + MINUTE, unregister))
    return found


def _lesson_waiver(study: Study, enrolment: Enrolment) -> Chore:
    lesson = enrolment.course.lessons[1]

    def waive(at: int) -> None:
        visit = study.visit(lesson)
        facts = study.of(enrolment.course)
        step = study.timeline.alone(at, cmi5.WAIVED, lesson, lesson.place, visit, WAIVER)
        facts.complete(lesson, step.at, "waived")

    return Chore(enrolment.enrolled_at + HOUR, waive)


def course_waiver(study: Study, enrolment: Enrolment) -> Chore:
    """A learner for whom the course is waived does not go through it."""
    course, facts = enrolment.course, study.of(enrolment.course)
    facts.waived_at = enrolment.enrolled_at + 2 * DAY

    def waive(at: int) -> None:
        facts.waived_at = at
        study.timeline.alone(at, WAIVED, course, course.place, study.visit(course))

    return Chore(facts.waived_at, waive)


def broken_clocks(study: Study, enrolments: list[Enrolment], *, always: bool) -> list[Chore]:
    """Two tablets, one in the year 2100 and one in 1970, that say once that a lesson was looked at."""
    taught = [one for one in enrolments if one.course.shape not in CLOSED and not one.is_withdrawn]
    if not taught:
        return []
    lesson, found = taught[0].course.lessons[0], []
    if study.imperfections.clock_ahead and (always or study.chance(AHEAD)):
        found.append(Chore(taught[0].enrolled_at + study.draw(2, 10) * DAY, lambda at: _from_2100(study, lesson, at)))
    if study.imperfections.clock_behind and (always or study.chance(BEHIND)):
        found.append(Chore(taught[0].enrolled_at + study.draw(2, 10) * DAY, lambda at: _from_1970(study, lesson, at)))
    return found


def _from_2100(study: Study, lesson: Lesson, at: int) -> None:
    """Counts as of when it was stored."""
    step = study.timeline.alone(at, web.EXPERIENCED, lesson, lesson.place, study.visit(lesson, "lms_user", "web"))
    step.clock, step.arrives = YEAR_2100 + study.draw(0, 1000) * HOUR, at


def _from_1970(study: Study, lesson: Lesson, at: int) -> None:
    visit = study.visit(lesson, "lms_user", "web")
    clock = YEAR_1970 + study.draw(0, 10_000) * MINUTE
    step = study.timeline.aside(clock, web.EXPERIENCED, lesson, lesson.place, visit)
    step.arrives = at
