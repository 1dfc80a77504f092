"""Sessions, active time and who was active when: from the spans that plans gave to their steps."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from simulator.moments import iso
from simulator.plans.facts import Facts
from simulator.plans.plan import Plan
from simulator.plans.steps import Step
from simulator.truth.standing import COLUMN, standing
from simulator.truth.tables import Tables
from simulator.world.tenants import Tenant

WEEK_DAYS, MONTH_DAYS = 7, 30
# (day, course or None) → [active milliseconds, statements]
Daily = dict[tuple[int, str | None], list[int]]


class Activity(msgspec.Struct):
    learners: int = 0
    active: int = 0
    statements: int = 0


class Engagement:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.courses: dict[tuple[str, int], dict[str, Activity]] = defaultdict(lambda: defaultdict(Activity))
        self.daily_active: Counter[int] = Counter()
        self.weekly_active: Counter[int] = Counter()
        self.monthly_active: Counter[int] = Counter()
        self.active_milliseconds = 0
        self.sessions = 0

    def add(self, plan: Plan, tables: Tables) -> Daily:
        note_activity(plan)
        self._write_sessions(plan, tables)
        daily = self._spread(plan)
        for (day, course), (active, statements) in sorted(
            daily.items(), key=lambda item: (item[0][0], item[0][1] or "")
        ):
            column = COLUMN[standing(plan.facts, course)]
            if course is not None:
                known = self.courses[course, day][column]
                known.learners += statements > 0
                known.active += active
                known.statements += statements
            self._write_day(plan.facts, day, course, (active, statements), tables)
        if is_counted(plan.facts):
            self._count_active({day for (day, _), (_, statements) in daily.items() if statements})
        return daily

    def _write_sessions(self, plan: Plan, tables: Tables) -> None:
        for steps in plan.timeline.sessions:
            active = sum(step.lasts for step in steps)
            self.sessions += 1
            self.active_milliseconds += active
            tables.write("fct_sessions", {
                "learner": plan.facts.learner_id, "actor": plan.facts.actor, "started_at": iso(steps[0].at),
                "last_at": iso(steps[-1].at), "statements": len(steps), "active_seconds": active / 1000,
            })  # fmt: skip

    def _spread(self, plan: Plan) -> Daily:
        """Spans by local day: what lasts over midnight is split there, the statement belongs to its own day."""
        daily: Daily = defaultdict(lambda: [0, 0])
        days, begin, end, day = self.tenant.days, 0, 0, 0
        for steps in plan.timeline.sessions:
            for step in steps:
                at, lasts, course = step.at, step.lasts, step.place.course
                if not begin <= at < end:
                    day = days.of(at)
                    begin, end = days.begin(day), days.begin(day + 1)
                today = daily[day, course]
                today[1] += 1
                today[0] += min(lasts, end - at)
                if at + lasts > end:
                    daily[day + 1, course][0] += at + lasts - end
        return daily

    def _write_day(self, facts: Facts, day: int, course: str | None, counted: tuple[int, int], tables: Tables) -> None:
        tables.write("fct_daily_engagement", {
            "day": self.tenant.days.dates[day], "course": course, "learner": facts.learner_id, "actor": facts.actor,
            "standing": standing(facts, course), "active_seconds": counted[0] / 1000, "statements": counted[1],
        })  # fmt: skip

    def _count_active(self, active: set[int]) -> None:
        self.daily_active.update(active)
        self.weekly_active.update({day + later for day in active for later in range(WEEK_DAYS)})
        self.monthly_active.update({day + later for day in active for later in range(MONTH_DAYS)})

    def finish(self, tables: Tables) -> None:
        dates = self.tenant.days.dates
        for (course, day), columns in sorted(self.courses.items()):
            row: dict[str, object] = {"course": course, "day": dates[day]}
            for column in ("", "staff_", "not_enrolled_", "unmatched_"):
                known = columns.get(column, Activity())
                row |= {
                    f"{column}active_learners": known.learners,
                    f"{column}active_seconds": known.active / 1000,
                    f"{column}statements": known.statements,
                }
            tables.write("mart_course_engagement", row)
        for row in self.tenant_days():
            tables.write("mart_tenant_activity", row)

    def tenant_days(self) -> Iterator[dict[str, object]]:
        """From the first day on which anybody was active to that of `as_of`."""
        if not self.daily_active:
            return
        for day in range(min(self.daily_active), self.tenant.days.of(self.tenant.as_of) + 1):
            daily, monthly = self.daily_active[day], self.monthly_active[day]
            yield {
                "day": self.tenant.days.dates[day], "dau": daily, "wau": self.weekly_active[day], "mau": monthly,
                "stickiness": daily / monthly if monthly else None,
            }  # fmt: skip


def note_activity(plan: Plan) -> None:
    """In each course: when its learner was active, and which lessons were started by that."""
    for step in steps_of(plan):
        place = step.place
        if place.course is None or step.verb.kind == "graded":
            continue
        facts = plan.facts.at(place.course)
        if step.at >= EARLIEST:
            facts.active.append(step.at)
        if place.lesson is not None:
            facts.started.add(place.lesson)


# Before the year 2000 no clock is believed.
EARLIEST = 946_684_800_000


def steps_of(plan: Plan) -> Iterator[Step]:
    for steps in plan.timeline.sessions:
        yield from steps
    yield from plan.timeline.apart


def is_counted(facts: Facts) -> bool:
    return len(facts.users) == 1 and facts.users[0].role == "student"
