"""A learner whose every step is written down, to stand exactly on an edge of a definition."""

from simulator.dialects import adl
from simulator.moments import DAY
from simulator.plans.facts import Enrolment
from simulator.plans.steps import Outcome, Step, Verb
from simulator.plans.study import Study
from simulator.world.things import Assessment, Course, Lesson, Question


class Probe:
    def __init__(self, study: Study) -> None:
        self.study = study
        self.tenant = study.tenant
        self.line = study.timeline
        self.enrolments: list[Enrolment] = []

    def enrol(self, course_id: str, at: int, due_at: int | None = None, again_at: int | None = None) -> Enrolment:
        course = self.tenant.courses[course_id]
        enrolment = Enrolment(course, self.study.learner.user.user_id, again_at or at, "edges", due_at)
        enrolment.first_enrolled_at = None if again_at is None else at
        self.study.of(course).enrolment = enrolment
        self.enrolments.append(enrolment)
        return enrolment

    def enrol_in_probes(self) -> Enrolment:
        return self.enrol("probes", self.tenant.start + DAY)

    def lesson(self, number: int, course_id: str = "probes") -> Lesson:
        return self.tenant.courses[course_id].lessons[number - 1]

    @property
    def quiz(self) -> Assessment:
        return self.tenant.courses["probes"].assessments[0]

    def say(
        self, verb: Verb, thing: Lesson | Assessment | Course, busy: int = 10, outcome: Outcome | None = None
    ) -> Step:
        return self.line.do(verb, thing, thing.place, self.study.visit(thing), busy, outcome)

    def see(self, lesson: Lesson, busy: int = 10) -> Step:
        return self.say(adl.EXPERIENCED, lesson, busy)

    def see_at(self, lesson: Lesson, at: int) -> Step:
        self.line.begin(at)
        step = self.see(lesson)
        self.line.end()
        return step

    def finish_at(self, lesson: Lesson, at: int) -> None:
        self.say_at(at, adl.COMPLETED, lesson, Outcome(completion=True))
        self.completed(lesson, at)

    def say_at(self, at: int, verb: Verb, thing: Lesson | Assessment | Course, outcome: Outcome | None = None) -> None:
        self.line.begin(at)
        self.say(verb, thing, 0, outcome)
        self.line.end()

    def completed(self, lesson: Lesson, at: int) -> None:
        self.study.of(self.tenant.courses[lesson.course_id]).complete(lesson, at, "statement")

    def answer(self, question: Question, *, correct: bool) -> None:
        response = self.study.choose(question, correct=correct)
        outcome = Outcome(success=correct if question.is_judged else None, response=response)
        self.line.do(adl.ANSWERED, question, self.quiz.place, self.study.visit(self.quiz), 10, outcome)
        self.study.answered(question, self.quiz.place, correct, response)
