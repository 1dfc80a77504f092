"""One learner's plan while it is made: the world, the chance, the timeline and what comes of it."""

import math
from random import Random

from simulator.chance import new_id
from simulator.imperfections import Imperfections
from simulator.plans.facts import Answer, CourseFacts, Facts
from simulator.plans.learners import Learner, actors
from simulator.plans.steps import Visit
from simulator.plans.timeline import Timeline
from simulator.world.tenants import Tenant
from simulator.world.things import AMBIGUOUS, Assessment, Course, Lesson, Place, Question


class Study:
    def __init__(
        self, tenant: Tenant, rng: Random, learner: Learner, facts: Facts, imperfections: Imperfections
    ) -> None:
        self.tenant = tenant
        self.imperfections = imperfections
        self.rng = rng
        self.learner = learner
        self.facts = facts
        self.timeline = Timeline(rng)
        # By course: the registration that content gets from the LMS, and how often a thing was opened.
        self.registrations: dict[str, str] = {}
        self.visits: dict[str, int] = {}
        # Sessions of cmi5 that nobody ended, by the unit's IRI.
        self.abandoned: dict[str, Visit] = {}

    def of(self, course: Course) -> CourseFacts:
        return self.facts.of(course)

    def draw(self, least: int, most: int) -> int:
        return least + int(self.rng.random() * (most - least + 1))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def visit(self, opened: Lesson | Assessment | Course, form: str | None = None, dialect: str | None = None) -> Visit:
        course = opened if isinstance(opened, Course) else self.tenant.courses[opened.course_id]
        spoken = dialect or opened.emitter
        # What another program says about a thing is no launch of it.
        times = self.visits.get(opened.iri, 0) + (dialect is None)
        self.visits[opened.iri] = times
        return Visit(spoken, course, opened, form or FORM[spoken], new_id(self.rng), self._registration(opened), times)

    def _registration(self, opened: Lesson | Assessment | Course) -> str | None:
        if opened.emitter != "cmi5" and not (isinstance(opened, Lesson) and opened.is_registered):
            return None
        course_id = opened.course_id
        if course_id not in self.registrations:
            self.registrations[course_id] = new_id(self.rng)
        return self.registrations[course_id]

    def place(self, lesson: Lesson) -> Place:
        """A lesson's own place, unless its activity is shared and nothing says in which course it was met."""
        rivals = [each for each in self.tenant.lessons.values() if each.iri == lesson.iri]
        if len(rivals) == 1:
            return lesson.place
        joined = [each for each in rivals if self._is_enrolled(each)]
        return joined[0].place if len(joined) == 1 else AMBIGUOUS

    def _is_enrolled(self, lesson: Lesson) -> bool:
        facts = self.facts.courses.get(lesson.course_id)
        return facts is not None and facts.enrolment is not None and facts.enrolment.enrolled_at <= self.timeline.now

    def judge(self, user_id: str, form: str) -> str:
        user = next(each for each in self.tenant.staff if each.user_id == user_id)
        return actors(self.tenant.sites, user)[form].decode()

    def knows(self, question: Question) -> bool:
        return self.rng.random() < 1 / (1 + math.exp(question.difficulty * 2 - self.learner.ability))

    def choose(self, question: Question, *, correct: bool) -> str:
        if question.interaction == "fill-in":
            return question.correct[0] if correct else "no idea"
        if correct:
            return "[,]".join(question.correct)
        wrong = [letter for letter, _ in question.choices if letter not in question.correct]
        return wrong[int(self.rng.random() * len(wrong))]

    def answered(self, question: Question, place: Place, correct: bool, response: str) -> None:
        self.facts.answer(
            Answer(
                question, place.level, place.course, place.lesson, place.assessment, self.timeline.last.at,
                correct if question.is_judged else None, response,
            )
        )  # fmt: skip


FORM = {
    "adl": "lms_external",
    "video": "lms_user",
    "cmi5": "lms_external",
    "h5p": "mbox",
    "articulate": "mbox",
    "moodle": "moodle",
    "openedx": "edx",
}
