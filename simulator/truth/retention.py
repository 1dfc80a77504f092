"""How many of those who enrolled in a week were active n weeks later."""

from collections import Counter

import msgspec

from simulator.plans.facts import Enrolment
from simulator.truth.engagement import WEEK_DAYS, Daily
from simulator.truth.tables import Tables
from simulator.world.tenants import Tenant


class Cohort(msgspec.Struct):
    first_day: int
    last_day: int
    members: int = 0
    active: Counter[int] = msgspec.field(default_factory=Counter)


class Retention:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.cohorts: dict[tuple[str, str], Cohort] = {}

    def add(self, enrolment: Enrolment, daily: Daily) -> None:
        """The withdrawn stay in."""
        days, course = self.tenant.days, enrolment.course.course_id
        day = days.of(enrolment.enrolled_at)
        key = course, days.iso_week(enrolment.enrolled_at)
        cohort = self.cohorts.setdefault(key, Cohort(day, day))
        cohort.members += 1
        cohort.first_day, cohort.last_day = min(cohort.first_day, day), max(cohort.last_day, day)
        active = {active for (active, place), (_, statements) in daily.items() if place == course and statements}
        cohort.active.update({(each - day) // WEEK_DAYS for each in active if each >= day})

    def finish(self, tables: Tables) -> None:
        days, as_of = self.tenant.days, self.tenant.as_of
        for (course, week), cohort in sorted(self.cohorts.items()):
            number = 0
            while days.begin(cohort.first_day + number * WEEK_DAYS) <= as_of:
                is_over = days.begin(cohort.last_day + (number + 1) * WEEK_DAYS) <= as_of
                tables.write("mart_cohort_retention", {
                    "course": course, "cohort": week, "week": number, "members": cohort.members,
                    "active": cohort.active[number] if is_over else None,
                    "retention": cohort.active[number] / cohort.members if is_over else None,
                })  # fmt: skip
                number += 1
