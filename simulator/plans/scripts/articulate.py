"""How Storyline and Rise packages are used."""

from simulator.dialects.articulate import (
    ANSWERED,
    ATTEMPTED,
    COMPLETED,
    EXPERIENCED,
    FAILED,
    PASSED,
    PROGRESSED,
    objective,
)  # fmt: skip
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.steps import Outcome
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson

UNDONE = Outcome(completion=False)


def turn(study: Study, lesson: Lesson, *, finish: bool) -> None:
    line, place = study.timeline, lesson.place
    visit = study.visit(lesson)
    line.do(ATTEMPTED, lesson, place, visit, study.draw(2, 20), UNDONE)
    pages = lesson.pages if finish else lesson.pages[: study.draw(0, len(lesson.pages) - 1)]
    for number, page in enumerate(pages, 1):
        line.do(EXPERIENCED, page, place, visit, study.draw(8, 180), Outcome(seconds=study.draw(5, 100)))
        if lesson.iri.endswith("_rise"):
            progress = Outcome(progress=number / len(lesson.pages))
            line.do(PROGRESSED, lesson, place, visit, 1, progress)
    if finish:
        step = line.do(COMPLETED, lesson, place, visit, study.draw(1, 20), Outcome(completion=True))
        study.of(visit.course).complete(lesson, step.at, "statement")


def quiz(study: Study, package: Assessment) -> bool:
    """The objective is passed or failed, too, but it is the package that the LMS knows."""
    line, place = study.timeline, package.place
    visit = study.visit(package)
    line.do(ATTEMPTED, package, place, visit, study.draw(2, 20), UNDONE)
    right = 0
    for question in package.questions:
        correct = study.knows(question)
        response = study.choose(question, correct=correct)
        outcome = Outcome(raw=10 * correct, maximum=10, success=correct, completion=True, response=response)
        line.do(ANSWERED, question, place, visit, study.draw(8, 120), outcome)
        study.answered(question, place, correct, response)
        right += correct
    share = right / len(package.questions)
    verdict = PASSED if share >= (package.passing_share or 0) else FAILED
    line.do(verdict, objective(package), place, visit, 2, Outcome(raw=right * 10, maximum=10 * len(package.questions)))
    attempt = judged(package, line.now, share, visit.number)
    outcome = Outcome(raw=attempt.score, maximum=100, success=attempt.passed, completion=True)
    line.do(verdict, package, place, visit, study.draw(1, 20), outcome)
    record_attempt(study, attempt)
    return bool(attempt.passed)
