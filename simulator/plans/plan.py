"""A plan: whom it brings into the LMS, who acts in it, and what they decide to do."""

import msgspec

from simulator.plans.facts import Enrolment, Facts
from simulator.plans.learners import Learner
from simulator.plans.study import Study
from simulator.plans.timeline import Timeline
from simulator.world.things import User


class Plan(msgspec.Struct, eq=False):
    users: list[User]
    enrolments: list[Enrolment]
    facts: Facts
    timeline: Timeline
    actors: dict[str, bytes]


def finished(study: Study, enrolments: list[Enrolment], learner: Learner) -> Plan:
    return Plan([learner.user], enrolments, study.facts, study.timeline, learner.actors)
