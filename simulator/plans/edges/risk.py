"""Paces, due dates and silences to the second."""

from simulator.moments import DAY, HOUR, SECOND
from simulator.plans.edges.probe import Probe


def _finish(probe: Probe, count: int, since: int) -> None:
    for number in range(1, count + 1):
        probe.finish_at(probe.lesson(number), since + number * 2 * HOUR)


def _pace(probe: Probe, sooner: int) -> None:
    """A fifth is done when two fifths of the time are over."""
    enrolled_at = probe.tenant.as_of - 28 * DAY
    enrolment = probe.enrol("probes", enrolled_at - sooner, enrolled_at + 70 * DAY)
    _finish(probe, 1, enrolment.enrolled_at)
    probe.see_at(probe.lesson(2), probe.tenant.as_of - 2 * DAY)


def twenty_points_under(probe: Probe) -> None:
    _pace(probe, 0)


def a_little_more_under(probe: Probe) -> None:
    _pace(probe, 10 * SECOND)


def _due(probe: Probe, due_at: int, done: int) -> None:
    enrolled_at = probe.tenant.as_of - 6 * DAY
    probe.enrol("probes", enrolled_at, due_at)
    _finish(probe, done, enrolled_at)


def due_in_seven_days(probe: Probe) -> None:
    _due(probe, probe.tenant.as_of + 7 * DAY, 3)


def due_a_second_later(probe: Probe) -> None:
    _due(probe, probe.tenant.as_of + 7 * DAY + SECOND, 3)


def due_with_four_fifths(probe: Probe) -> None:
    _due(probe, probe.tenant.as_of + 7 * DAY, 4)


def overdue(probe: Probe) -> None:
    _due(probe, probe.tenant.as_of - DAY, 3)


def silent_for_a_week(probe: Probe) -> None:
    """168 hours, and inactive."""
    probe.enrol_in_probes()
    probe.see_at(probe.lesson(1), probe.tenant.as_of - 168 * HOUR)


def silent_for_less(probe: Probe) -> None:
    probe.enrol_in_probes()
    probe.see_at(probe.lesson(1), probe.tenant.as_of - 168 * HOUR + SECOND)


def never_started(probe: Probe) -> None:
    """Counted from enrolment, which was 168 hours ago."""
    probe.enrol("probes", probe.tenant.as_of - 168 * HOUR)


def just_enrolled(probe: Probe) -> None:
    probe.enrol("probes", probe.tenant.as_of - 168 * HOUR + SECOND)
