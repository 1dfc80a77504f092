"""A study group that meets once: one statement about all of its members."""

from random import Random

from simulator.dialects import web
from simulator.dialects.words import encode
from simulator.plans.learning import Chore
from simulator.plans.study import Study
from simulator.world.tenants import Tenant

# After the last week in which learners begin a course.
FIRST_DAY = 36


class Meeting:
    """It says that the lesson was completed, which counts for nobody: each was there, and has started it."""

    def __init__(self, tenant: Tenant, rng: Random, actors: list[dict[str, bytes]]) -> None:
        self.course = tenant.courses["linear"]
        last = tenant.days.of(tenant.as_of) - 2
        day = min(FIRST_DAY + int(rng.random() * 21), last)
        self.at = tenant.days.at(day, 12, 30)
        self.lesson = self.course.lessons[int(rng.random() * len(self.course.lessons))]
        members = b",".join(each["lms_external"] for each in actors)
        name = encode(f"Study group {day}")
        self.actor = b'{"objectType":"Group","name":%s,"member":[%s]}' % (name, members)
        # The members' plans share the step, so that all of them mean the same statement.
        self.id = f"{rng.getrandbits(32):08x}-0000-4000-a000-{rng.getrandbits(48):012x}"

    def chore(self, study: Study, *, is_leader: bool) -> Chore:
        def meet(at: int) -> None:
            visit = study.visit(self.lesson, "group", "web")
            step = study.timeline.alone(at, web.COMPLETED, self.lesson, self.lesson.place, visit)
            step.id, step.is_told = self.id, is_leader

        return Chore(self.at, meet, is_fixed=True)
