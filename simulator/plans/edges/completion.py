"""What completes and what does not, on time, and when courses change."""

from simulator.dialects import adl
from simulator.moments import DAY, HOUR, SECOND
from simulator.plans.edges.probe import Probe
from simulator.plans.steps import Outcome

DONE = Outcome(completion=True)


def _finish_all(probe: Probe, last_at: int) -> None:
    for number in range(1, 5):
        probe.finish_at(probe.lesson(number), last_at - (5 - number) * DAY)
    probe.finish_at(probe.lesson(5), last_at)


def on_time(probe: Probe) -> None:
    """Completed at the moment at which it was due."""
    enrolment = probe.enrol("probes", probe.tenant.start + DAY, probe.tenant.start + 20 * DAY)
    _finish_all(probe, enrolment.due_at or 0)


def late(probe: Probe) -> None:
    enrolment = probe.enrol("probes", probe.tenant.start + DAY, probe.tenant.start + 20 * DAY)
    _finish_all(probe, (enrolment.due_at or 0) + SECOND)


def without_success(probe: Probe) -> None:
    """Completed, but not with success: not completed."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.say_at(at, adl.COMPLETED, probe.lesson(1), Outcome(success=False, completion=True))
    probe.say_at(at + 2 * HOUR, adl.PASSED, probe.lesson(2), Outcome(success=False))


def by_other_words(probe: Probe) -> None:
    """Passed, or anything else that says it is complete."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.say_at(at, adl.PASSED, probe.lesson(1), Outcome(success=True))
    probe.completed(probe.lesson(1), at)
    probe.say_at(at + 2 * HOUR, adl.EXPERIENCED, probe.lesson(2), DONE)
    probe.completed(probe.lesson(2), at + 2 * HOUR)
    probe.say_at(at + 4 * HOUR, adl.FAILED, probe.lesson(3), Outcome(success=False))


def not_by_a_page(probe: Probe) -> None:
    """A page of the lesson was completed, or a lesson of the course: that is all that was."""
    probe.enrol_in_probes()
    lesson = probe.lesson(1)
    probe.line.begin(probe.tenant.days.at(6, 9))
    probe.line.do(adl.COMPLETED, lesson.pages[0], lesson.place, probe.study.visit(lesson), 0, DONE)
    probe.line.end()


def twice(probe: Probe) -> None:
    """The first time counts."""
    probe.enrol_in_probes()
    for day in (5, 8):
        probe.finish_at(probe.lesson(1), probe.tenant.days.at(day, 9))


def said_of_the_course(probe: Probe) -> None:
    """A statement about the course completes it, whatever is left."""
    probe.enrol_in_probes()
    course, at = probe.tenant.courses["probes"], probe.tenant.days.at(7, 9)
    probe.say_at(at, adl.COMPLETED, course, DONE)
    probe.study.of(course).said.append((at, "statement"))


def enrolled_again(probe: Probe) -> None:
    """The completion of the first time stands."""
    start = probe.tenant.start
    probe.enrol("probes", start + DAY, again_at=start + 25 * DAY)
    _finish_all(probe, start + 12 * DAY)
    probe.see_at(probe.lesson(1), start + 25 * DAY + HOUR)


def withdrawn(probe: Probe) -> None:
    """Had completed before: in no rate, but on the list."""
    enrolment = probe.enrol("probes", probe.tenant.start + DAY, probe.tenant.start + 40 * DAY)
    _finish_all(probe, probe.tenant.start + 12 * DAY)
    enrolment.withdrawn_at = probe.tenant.start + 14 * DAY


def waived(probe: Probe) -> None:
    enrolment = probe.enrol("probes", probe.tenant.start + DAY, probe.tenant.start + 40 * DAY)
    at = probe.tenant.days.at(4, 9)
    probe.say_at(at, adl.WAIVED, enrolment.course, Outcome(success=True))
    probe.study.of(enrolment.course).waived_at = at
    lesson, later = probe.lesson(2), at + 2 * HOUR
    probe.say_at(later, adl.WAIVED, lesson, Outcome(success=True))
    probe.study.of(enrolment.course).complete(lesson, later, "waived")


def waived_assessment(probe: Probe) -> None:
    enrolment = probe.enrol_in_probes()
    at = probe.tenant.days.at(4, 9)
    probe.say_at(at, adl.WAIVED, probe.quiz, Outcome(success=True))
    probe.study.of(enrolment.course).pass_assessment(probe.quiz, at, "waived")


def before_more_was_required(probe: Probe) -> None:
    """Completed, and later a lesson becomes required: that undoes nothing, but progress is less than whole."""
    start = probe.tenant.start
    probe.enrol("changing", start + DAY)
    for number in (1, 2, 3, 4, 6):
        probe.finish_at(probe.lesson(number, "changing"), start + (10 + number) * DAY)


def as_less_is_required(probe: Probe) -> None:
    """Completed by the moment at which the missing lesson stopped being required."""
    start = probe.tenant.start
    probe.enrol("changing", start + DAY)
    for number in (1, 2, 3, 4, 5):
        probe.finish_at(probe.lesson(number, "changing"), start + (20 + number) * DAY)
