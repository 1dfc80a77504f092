"""How Moodle's pages, quizzes and assignments are used, and how a teacher marks what was handed in."""

from simulator.dialects.moodle import (
    ANSWERED,
    COMPLETED,
    SCORED,
    STARTED,
    SUBMITTED,
    VIEWED,
    attempt_page,
    submission_page,
)  # fmt: skip
from simulator.moments import DAY, SECOND
from simulator.plans.facts import Attempt
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.steps import Outcome, Visit
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson

MARKED_WITHIN = (1, 6)


def read(study: Study, lesson: Lesson, *, finish: bool) -> None:
    line = study.timeline
    visit = study.visit(lesson)
    if visit.number == 1:
        line.do(VIEWED, visit.course, visit.course.place, visit, study.draw(2, 20))
    line.do(VIEWED, lesson, lesson.place, visit, study.draw(30, 290))
    if finish:
        outcome = Outcome(success=True, completion=True)
        step = line.do(COMPLETED, lesson, lesson.place, visit, study.draw(1, 20), outcome)
        study.of(visit.course).complete(lesson, step.at, "statement")
        say_completed(study, visit)


def take(study: Study, assessment: Assessment) -> bool:
    return _quiz(study, assessment) if "/quiz/" in assessment.iri else _hand_in(study, assessment)


def _quiz(study: Study, quiz: Assessment) -> bool:
    """All that is said about an attempt is said at the moment of its submission."""
    line, place = study.timeline, quiz.place
    visit = study.visit(quiz)
    page = attempt_page(quiz, visit.number)
    line.do(VIEWED, quiz, place, visit, study.draw(2, 30))
    line.do(STARTED, page, place, visit, study.draw(60, 290))
    answers = [(question, study.knows(question)) for question in quiz.questions]
    for question, correct in answers:
        response = study.choose(question, correct=correct)
        line.do(ANSWERED, question, place, visit, 0, Outcome(success=correct, completion=True, response=response))
        study.answered(question, place, correct, response)
    share = sum(correct for _, correct in answers) / len(answers)
    attempt = judged(quiz, line.now, share, visit.number)
    outcome = Outcome(raw=attempt.score, maximum=quiz.max_score, success=attempt.passed, completion=True)
    line.do(COMPLETED, page, place, visit, study.draw(5, 60), outcome)
    record_attempt(study, attempt)
    if attempt.passed:
        say_completed(study, visit)
    return bool(attempt.passed)


def _hand_in(study: Study, assignment: Assessment) -> bool:
    """Marked by a teacher some days later; what is not marked when the simulation ends stays open."""
    line, place = study.timeline, assignment.place
    visit = study.visit(assignment)
    line.do(VIEWED, assignment, place, visit, study.draw(60, 290))
    step = line.do(SUBMITTED, submission_page(assignment), place, visit, study.draw(2, 20))
    marked_at = step.at + study.draw(*MARKED_WITHIN) * DAY + study.draw(0, 20_000) * SECOND
    score = float(study.draw(6, 20))
    is_marked = marked_at < study.tenant.as_of
    attempt = Attempt(
        assessment=assignment,
        submitted_at=step.at + SECOND,
        graded_at=marked_at + 2 * SECOND if is_marked else None,
        score=score if is_marked else None,
        share=score / assignment.max_score if is_marked else None,
        passed=score >= (assignment.passing_score or 0) if is_marked else None,
        source="both" if is_marked else "row",
        number=visit.number,
        row_graded_at=marked_at + 2 * SECOND if is_marked else None,
        row_score=score if is_marked else None,
    )
    if is_marked:
        _mark(study, visit, attempt, marked_at)
    record_attempt(study, attempt)
    return score >= (assignment.passing_score or 0)


def _mark(study: Study, visit: Visit, attempt: Attempt, at: int) -> None:
    assignment = attempt.assessment
    outcome = Outcome(raw=attempt.score, maximum=assignment.max_score, success=attempt.passed)
    judge = study.judge(visit.course.instructors[0], "moodle")
    line = study.timeline
    line.aside(at, SCORED, submission_page(assignment), assignment.place, visit, outcome, judge)


def say_completed(study: Study, visit: Visit) -> None:
    """Moodle reports the course as completed once its own criteria hold: pages and the exam."""
    course, facts = visit.course, study.of(visit.course)
    done = facts.lessons.keys() >= {lesson.lesson_id for lesson in course.lessons}
    if done and course.assessments[0].assessment_id in facts.passes and not facts.said:
        step = study.timeline.do(COMPLETED, course, course.place, visit, 1)
        facts.said.append((step.at, "statement"))
