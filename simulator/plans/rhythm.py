"""When learners of each temper sit down to learn."""

from random import Random

from simulator.moments import HOUR, MINUTE
from simulator.plans.learners import Temper
from simulator.world.tenants import Tenant

# Sessions a week, by week of the term; what comes after the last is as the last.
WEEKLY: dict[Temper, tuple[float, ...]] = {
    "steady": (2.6,),
    "crammer": (0.3, 0.2, 0.2, 0.3, 0.4, 0.5, 1.0, 2.0, 4.0, 7.0),
    "dropout": (2.5, 1.6, 0.8, 0.3, 0.0),
    "never": (0.0,),
    "returner": (2.4, 2.0, 0.8, 0.0, 0.0, 0.0, 1.5, 2.6),
}
# By hour of the local day: some learn shortly before midnight.
HOURS = (7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 20, 21, 21, 22, 23)
# The last session of all begins early enough to be over.
LAST_BEGIN = 6 * HOUR


def begins(tenant: Tenant, rng: Random, temper: Temper, weeks: int) -> list[int]:
    weekly = WEEKLY[temper]
    found = [
        _draw(tenant, rng, week)
        for week in range(weeks)
        for _ in range(_times(rng, weekly[min(week, len(weekly) - 1)]))
    ]
    return sorted(at for at in found if at < tenant.as_of - LAST_BEGIN)


def _times(rng: Random, mean: float) -> int:
    whole = int(mean)
    return whole + (rng.random() < mean - whole)


def _draw(tenant: Tenant, rng: Random, week: int) -> int:
    day = week * 7 + int(rng.random() * 7)
    at = tenant.days.at(day, HOURS[int(rng.random() * len(HOURS))])
    return at + int(rng.random() * 60) * MINUTE + int(rng.random() * 60) * 1000
