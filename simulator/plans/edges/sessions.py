"""Gaps, midnights and changes of the clocks."""

from simulator.moments import DAY, HOUR, MINUTE, SECOND
from simulator.plans.edges.probe import Probe


def half_an_hour(probe: Probe) -> None:
    """Still one session."""
    probe.enrol_in_probes()
    probe.line.begin(probe.tenant.days.at(8, 10))
    probe.see(probe.lesson(1))
    probe.line.leave(30 * 60)
    probe.see(probe.lesson(1))
    probe.line.end()


def a_second_more(probe: Probe) -> None:
    """Two sessions."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(8, 10)
    probe.see_at(probe.lesson(1), at)
    probe.see_at(probe.lesson(1), at + 30 * MINUTE + SECOND)


def five_minutes(probe: Probe) -> None:
    """As long as a statement can last; the same with a second more."""
    probe.enrol_in_probes()
    probe.line.begin(probe.tenant.days.at(8, 15))
    probe.see(probe.lesson(1), 300)
    probe.see(probe.lesson(2))
    probe.line.leave(301)
    probe.see(probe.lesson(2))
    probe.line.end()


def over_midnight(probe: Probe) -> None:
    probe.enrol_in_probes()
    probe.line.begin(probe.tenant.days.at(9, 23, 58))
    probe.see(probe.lesson(1), 240)
    probe.see(probe.lesson(2))
    probe.line.end()


def at_midnight(probe: Probe) -> None:
    """The statement is the new day's, to the millisecond."""
    probe.enrol_in_probes()
    midnight = probe.tenant.days.begin(11)
    probe.line.begin(midnight - 2 * MINUTE)
    probe.see(probe.lesson(1), 120)
    probe.see(probe.lesson(2))
    probe.line.end()
    probe.see_at(probe.lesson(3), probe.tenant.days.begin(13))


def as_clocks_change(probe: Probe) -> None:
    """Through the hour that comes twice or not at all; where clocks are never changed, an hour like others."""
    probe.enrol_in_probes()
    days = probe.tenant.days
    odd = [day for day in range(2, days.of(probe.tenant.as_of)) if days.begin(day + 1) - days.begin(day) != DAY]
    probe.line.begin(days.begin(odd[0] if odd else 20) + 100 * MINUTE)
    for _ in range(5):
        probe.see(probe.lesson(1), 200)
        probe.line.leave(25 * 60)
    probe.see(probe.lesson(1))
    probe.line.end()
    # Until the end of that day, whatever its length.
    probe.line.begin(days.begin((odd[0] if odd else 20) + 1) - MINUTE)
    probe.see(probe.lesson(2), 120)
    probe.see(probe.lesson(2))
    probe.line.end()


def at_once(probe: Probe) -> None:
    """Several statements at one moment: only the ids tell which is the last."""
    probe.enrol_in_probes()
    probe.line.begin(probe.tenant.days.at(15, 9))
    for _ in range(3):
        probe.see(probe.lesson(4), 0)
    probe.see(probe.lesson(4))
    probe.line.end()


def far_apart(probe: Probe) -> None:
    """Active on the first and the seventh day, and again thirty days later: in one week, in no common month."""
    probe.enrol_in_probes()
    first = probe.tenant.days.at(3, 12)
    for later in (0, 6, 36):
        if first + later * DAY < probe.tenant.as_of - 6 * HOUR:
            probe.see_at(probe.lesson(1), first + later * DAY)
