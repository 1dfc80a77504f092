"""How assignable units are launched, worked through, and left or abandoned."""

from simulator.dialects.cmi5 import (
    ABANDONED,
    ANSWERED,
    COMPLETED,
    FAILED,
    INITIALIZED,
    LAUNCHED,
    PASSED,
    PROGRESSED,
    SATISFIED,
    TERMINATED,
)  # fmt: skip
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.steps import Outcome, Visit
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson

ABANDONING = 0.08


def launch(study: Study, opened: Lesson | Assessment) -> Visit:
    """A session that nobody ended is abandoned by the LMS before it launches the same unit again."""
    line = study.timeline
    left = study.abandoned.pop(opened.iri, None)
    if left is not None:
        line.do(ABANDONED, opened, opened.place, left, 0, Outcome(seconds=study.draw(30, 900)))
    visit = study.visit(opened)
    line.do(LAUNCHED, opened, opened.place, visit, study.draw(1, 4))
    line.do(INITIALIZED, opened, opened.place, visit, study.draw(3, 20))
    return visit


def leave(study: Study, visit: Visit, began: int) -> None:
    opened, line = visit.opened, study.timeline
    if study.chance(ABANDONING):
        study.abandoned[opened.iri] = visit
    else:
        busy = study.draw(1, 10)
        line.do(TERMINATED, opened, opened.place, visit, busy, Outcome(seconds=(line.now - began) // 1000))


def work(study: Study, lesson: Lesson, *, finish: bool) -> None:
    line, began = study.timeline, study.timeline.now
    visit = launch(study, lesson)
    for share in (0.25, 0.5, 0.75)[: 3 if finish else study.draw(0, 2)]:
        line.do(PROGRESSED, lesson, lesson.place, visit, study.draw(30, 280), Outcome(progress=share))
    facts = study.of(visit.course)
    if finish and lesson.lesson_id not in facts.lessons:
        outcome = Outcome(completion=True, seconds=(line.now - began) // 1000)
        step = line.do(COMPLETED, lesson, lesson.place, visit, study.draw(1, 10), outcome)
        facts.complete(lesson, step.at, "statement")
        _satisfy(study, visit)
    leave(study, visit, began)


def examine(study: Study, assessment: Assessment) -> bool:
    line, began, place = study.timeline, study.timeline.now, assessment.place
    visit = launch(study, assessment)
    right = 0
    for question in assessment.questions:
        correct = study.knows(question)
        response = study.choose(question, correct=correct)
        line.do(ANSWERED, question, place, visit, study.draw(10, 200), Outcome(success=correct, response=response))
        study.answered(question, place, correct, response)
        right += correct
    attempt = judged(assessment, line.now, right / len(assessment.questions), visit.number)
    outcome = Outcome(
        raw=attempt.score, maximum=assessment.max_score, success=attempt.passed, seconds=(line.now - began) // 1000
    )
    line.do(PASSED if attempt.passed else FAILED, assessment, place, visit, study.draw(1, 9), outcome)
    record_attempt(study, attempt)
    if attempt.passed:
        _satisfy(study, visit)
    leave(study, visit, began)
    return bool(attempt.passed)


def _satisfy(study: Study, visit: Visit) -> None:
    """The LMS says once that all units of the course have been moved on from."""
    course, facts = visit.course, study.of(visit.course)
    done = facts.lessons.keys() >= {lesson.lesson_id for lesson in course.lessons}
    passed = facts.passes.keys() >= {assessment.assessment_id for assessment in course.assessments}
    if done and passed and not facts.said:
        step = study.timeline.do(SATISFIED, course, course.place, visit, 1)
        facts.said.append((step.at, "statement"))
