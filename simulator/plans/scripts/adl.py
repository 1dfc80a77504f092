"""How plain content is used: pages one after the other, quizzes with a verdict."""

from simulator.dialects.adl import (
    ANSWERED,
    ATTEMPTED,
    COMPLETED,
    EXPERIENCED,
    FAILED,
    INITIALIZED,
    PASSED,
    PROGRESSED,
    RESUMED,
    SUSPENDED,
)  # fmt: skip
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.steps import Outcome
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson

AWAY = 0.04


def read(study: Study, lesson: Lesson, *, finish: bool) -> None:
    visit, line = study.visit(lesson), study.timeline
    place = study.place(lesson)
    line.do(RESUMED if visit.number > 1 else INITIALIZED, lesson, place, visit, study.draw(5, 60))
    pages = lesson.pages if finish else lesson.pages[: study.draw(0, len(lesson.pages) - 1)]
    for number, page in enumerate(pages, 1):
        line.do(EXPERIENCED, page, place, visit, study.draw(20, 280))
        if study.chance(AWAY):
            line.leave(study.draw(301, 1800))
        if study.chance(0.3):
            share = number / len(lesson.pages)
            line.do(PROGRESSED, lesson, place, visit, study.draw(5, 30), Outcome(progress=share))
    if finish:
        _finish(study, lesson)
    elif study.chance(0.5):
        line.do(SUSPENDED, lesson, place, visit, study.draw(1, 5))


def _finish(study: Study, lesson: Lesson) -> None:
    """A lesson that the LMS itself ticks off says nothing, or says it a little later than the LMS does."""
    facts = study.of(study.tenant.courses[lesson.course_id])
    line, place = study.timeline, study.place(lesson)
    if lesson.recorded != "statement":
        facts.finish_row(lesson, line.now)
    if lesson.recorded != "row":
        visit = line.last.visit
        step = line.do(COMPLETED, lesson, place, visit, study.draw(2, 20), Outcome(completion=True))
        if place is lesson.place:
            facts.complete(lesson, step.at, "statement")


def take(study: Study, assessment: Assessment) -> bool:
    visit, line, place = study.visit(assessment), study.timeline, assessment.place
    line.do(ATTEMPTED, assessment, place, visit, study.draw(5, 30))
    right = 0
    for question in assessment.questions:
        correct = study.knows(question)
        response = study.choose(question, correct=correct)
        success = correct if question.is_judged else None
        line.do(ANSWERED, question, place, visit, study.draw(10, 200), Outcome(success=success, response=response))
        study.answered(question, place, correct, response)
        right += correct
    share = right / len(assessment.questions) if assessment.questions else study.draw(0, 20) / 20
    attempt = judged(assessment, line.now, share, visit.number)
    if assessment.recorded != "row":
        outcome = Outcome(raw=attempt.score, maximum=assessment.max_score, success=attempt.passed, completion=True)
        line.do(PASSED if attempt.passed else FAILED, assessment, place, visit, study.draw(3, 30), outcome)
    record_attempt(study, attempt)
    return bool(attempt.passed)
