"""How H5P content is used: questions inside one main content, whose result may be that it was not enough."""

from simulator.dialects.h5p import ANSWERED, ATTEMPTED, COMPLETED, INTERACTED, PROGRESSED
from simulator.plans.facts import Attempt
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.steps import Outcome, Visit
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson, Place, Question

ENOUGH = 0.5


def play(study: Study, lesson: Lesson, *, finish: bool) -> None:
    line, began, place = study.timeline, study.timeline.now, study.place(lesson)
    visit = study.visit(lesson)
    line.do(ATTEMPTED, lesson, place, visit, study.draw(2, 20))
    if not lesson.questions:
        line.do(INTERACTED, lesson, place, visit, study.draw(20, 200))
    asked = lesson.questions if finish else lesson.questions[: study.draw(0, len(lesson.questions))]
    right = _ask(study, visit, place, asked)
    if finish:
        _finish(study, lesson, visit, right, began)


def _ask(study: Study, visit: Visit, place: Place, questions: tuple[Question, ...]) -> int:
    line, right = study.timeline, 0
    for number, question in enumerate(questions, 1):
        if study.chance(0.5):
            line.do(INTERACTED, question, place, visit, study.draw(2, 40))
        correct = study.knows(question)
        response = study.choose(question, correct=correct)
        outcome = Outcome(
            raw=int(correct), maximum=1, success=correct, completion=True, response=response, seconds=study.draw(3, 90)
        )
        line.do(ANSWERED, question, place, visit, study.draw(3, 60), outcome)
        study.answered(question, place, correct, response)
        if study.chance(0.5):
            line.do(PROGRESSED, visit.opened, place, visit, study.draw(1, 5), Outcome(progress=number))
        right += correct
    return right


def _finish(study: Study, lesson: Lesson, visit: Visit, right: int, began: int) -> None:
    """Completed without success is not completed: the learner has to come back."""
    line, place = study.timeline, study.place(lesson)
    count = len(lesson.questions)
    success = right / count >= ENOUGH if count else None
    seconds = (line.now - began) // 1000
    outcome = Outcome(
        raw=right if count else None, maximum=count or None, success=success, completion=True, seconds=seconds
    )
    step = line.do(COMPLETED, lesson, place, visit, study.draw(1, 20), outcome)
    if success is not False and place is lesson.place:
        study.of(visit.course).complete(lesson, step.at, "statement")


def check(study: Study, assessment: Assessment) -> bool:
    line, began, place = study.timeline, study.timeline.now, assessment.place
    visit = study.visit(assessment)
    line.do(ATTEMPTED, assessment, place, visit, study.draw(2, 20))
    right = _ask(study, visit, place, assessment.questions)
    attempt: Attempt = judged(assessment, line.now, right / len(assessment.questions), visit.number)
    outcome = Outcome(
        raw=right, maximum=len(assessment.questions), success=attempt.passed, completion=True,
        seconds=(line.now - began) // 1000,
    )  # fmt: skip
    line.do(COMPLETED, assessment, place, visit, study.draw(1, 20), outcome)
    record_attempt(study, attempt)
    return bool(attempt.passed)
