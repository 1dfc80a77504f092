"""Who takes part: one unit after the other, each one learner or a few that have something in common."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from random import Random

from simulator.chance import source
from simulator.parameters import Parameters
from simulator.plans.chores import broken_clocks, chores_of
from simulator.plans.edges.probe import Probe
from simulator.plans.edges.table import EDGES, Edge, seminar
from simulator.plans.facts import Enrolment, Facts
from simulator.plans.groups import Meeting
from simulator.plans.joining import CLOSED, enrol, join, settle_rows
from simulator.plans.learners import Learner, Temper, make_learner
from simulator.plans.learning import Chore, Way, go_through
from simulator.plans.plan import Plan, finished
from simulator.plans.study import Study
from simulator.plans.teaching import prepare
from simulator.world.people import student
from simulator.world.tenants import SEMINARS, Tenant
from simulator.world.things import User

# In every so many units there is one of each kind of unusual people.
ROUND = 40
STRANGER, TWINS, GROUP, BROKEN = 1, 2, 3, 4
LEARNERS_A_UNIT = 10
GROUP_SIZE = 3


class Cast:
    def __init__(self, parameters: Parameters, tenant: Tenant) -> None:
        self.parameters = parameters
        self.tenant = tenant
        self.imperfections = parameters.imperfections

    def units(self) -> Iterator[list[Plan]]:
        """First those on edges and the staff, then everybody else, without end."""
        first = self._first()
        yield from (make() for make in first)
        yield from (self._usual(number, (number - len(first)) % ROUND) for number in count(len(first)))

    def _first(self) -> list[Callable[[], list[Plan]]]:
        found: list[Callable[[], list[Plan]]] = []
        if self.imperfections.edges:
            found.append(self._seminar)
            found += [partial(self._edge, number, edge) for number, edge in enumerate(EDGES, 1)]
        if self.imperfections.staff:
            teachers = [user for user in self.tenant.staff if user.role == "instructor"]
            found += [partial(self._teacher, user) for user in teachers]
        return found

    def _usual(self, number: int, turn: int) -> list[Plan]:
        wrong = self.imperfections
        if turn == STRANGER and wrong.strangers:
            return [self._stranger(number)]
        if turn == TWINS and wrong.twins:
            return self._twins(number)
        if turn == GROUP and wrong.groups:
            return self._group(number)
        return [self._student(number, has_broken_clocks=turn == BROKEN)]

    def _rng(self, number: int, which: int = 0) -> Random:
        return source(self.parameters.seed, self.tenant.slug, number, which)

    def _make(self, number: int, which: int = 0, temper: Temper | None = None) -> tuple[Random, Learner]:
        rng = self._rng(number, which)
        user = student(rng, self.tenant.sites, number * LEARNERS_A_UNIT + which)
        return rng, make_learner(rng, self.tenant.sites, user, temper)

    def study(self, rng: Random, learner: Learner, users: list[User], actor: str) -> Study:
        facts = Facts(self.tenant.courses, users, actor)
        return Study(self.tenant, rng, learner, facts, self.imperfections)

    def _student(
        self, number: int, which: int = 0, meeting: Meeting | None = None, *, has_broken_clocks: bool = False
    ) -> Plan:
        rng, learner = self._make(number, which)
        study = self.study(rng, learner, [learner.user], learner.user.user_id)
        enrolments = join(self.tenant, rng, learner.user, None if meeting is None else meeting.course)
        chores = [] if meeting is None else [meeting.chore(study, is_leader=which == 0)]
        chores += broken_clocks(study, enrolments, always=has_broken_clocks)
        self._go(study, enrolments, chores)
        return finished(study, enrolments, learner)

    def _go(self, study: Study, enrolments: list[Enrolment], chores: list[Chore]) -> None:
        for enrolment in enrolments:
            study.of(enrolment.course).enrolment = enrolment
        chores += chores_of(study, enrolments)
        ways = [
            Way(one) for one in enrolments if one.course.shape not in CLOSED and study.of(one.course).waived_at is None
        ]
        go_through(study, ways, chores, self.parameters.weeks)
        settle_rows(study, enrolments)

    def _seminar(self) -> list[Plan]:
        return [self._probe(0, which, seminar) for which in range(max(SEMINARS))]

    def _edge(self, number: int, edge: Edge) -> list[Plan]:
        return [self._probe(number, 0, edge)]

    def _probe(self, number: int, which: int, edge: Edge) -> Plan:
        rng, learner = self._make(number, which, "steady")
        probe = Probe(self.study(rng, learner, [learner.user], learner.user.user_id))
        edge(probe)
        return finished(probe.study, probe.enrolments, learner)

    def _teacher(self, user: User) -> list[Plan]:
        """Looks through courses before the term begins; one has enrolled as a learner in the own course, too."""
        rng = source(self.parameters.seed, self.tenant.slug, user.user_id)
        learner = make_learner(rng, self.tenant.sites, user, "steady")
        study = self.study(rng, learner, [user], user.user_id)
        enrolments = prepare(study)
        return [Plan([], enrolments, study.facts, study.timeline, learner.actors)]

    def _stranger(self, number: int) -> Plan:
        """Known to no LMS, by whatever name, and yet learning."""
        rng, learner = self._make(number, temper="steady")
        mail = f"someone{number}@elsewhere.example"
        user = User(
            user_id=f"x{number}", email=mail, full_name="Someone Else", role="student", external_id=f"x{number}",
            attributes={},
        )  # fmt: skip
        unknown = make_learner(rng, self.tenant.sites, user, "steady")
        actors = dict.fromkeys(unknown.actors, unknown.actors["mbox"])
        study = self.study(rng, learner, [], f"mbox:mailto:{mail}")
        ways = [Way(one) for one in join(self.tenant, rng, user) if one.course.shape not in CLOSED]
        go_through(study, ways, [], self.parameters.weeks)
        return Plan([], [], study.facts, study.timeline, actors)

    def _twins(self, number: int) -> list[Plan]:
        """Two users with one mail, in a course whose content knows nothing but mails."""
        plans = [self._idle(number, which) for which in (0, 1)]
        one, other = plans[0].users[0], plans[1].users[0]
        rng = self._rng(number, 2)
        learner = make_learner(rng, self.tenant.sites, one, "steady")
        study = self.study(rng, learner, [one, other], f"mbox:mailto:{one.email.lower()}")
        go_through(study, [Way(plans[0].enrolments[0])], [], self.parameters.weeks)
        actors = dict.fromkeys(learner.actors, learner.actors["mbox"])
        return [*plans, Plan([], [], study.facts, study.timeline, actors)]

    def _idle(self, number: int, which: int) -> Plan:
        rng, learner = self._make(number, which)
        mail = f"family{number}@{self.tenant.sites.mail}"
        learner.user = User(
            user_id=learner.user.user_id, email=mail if which else mail.title(), full_name=learner.user.full_name,
            role="student", external_id=learner.user.external_id, attributes=learner.user.attributes,
        )  # fmt: skip
        study = self.study(rng, learner, [learner.user], learner.user.user_id)
        enrolment = enrol(self.tenant, rng, learner.user, self.tenant.courses["h5p"], is_plain=True)
        study.of(enrolment.course).enrolment = enrolment
        return finished(study, [enrolment], learner)

    def _group(self, number: int) -> list[Plan]:
        users = [self._make(number, which)[1] for which in range(GROUP_SIZE)]
        meeting = Meeting(self.tenant, self._rng(number, GROUP_SIZE), [learner.actors for learner in users])
        plans = [self._student(number, which, meeting) for which in range(GROUP_SIZE)]
        plans[0].actors["group"] = meeting.actor
        return plans
