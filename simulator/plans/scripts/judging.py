"""What an attempt comes to, and who wrote it down."""

from simulator.moments import SECOND
from simulator.plans.facts import Attempt
from simulator.plans.study import Study
from simulator.world.things import Assessment

# The LMS's row about an attempt is written moments after the content's statement.
ROW_DELAY = 4 * SECOND


def judged(assessment: Assessment, at: int, share: float, number: int) -> Attempt:
    """Graded at once. With a row, the row's times count, whatever the statement says."""
    score = round(share * assessment.max_score, 2)
    when = at if assessment.recorded == "statement" else at + ROW_DELAY
    passing = assessment.passing_share
    return Attempt(
        assessment=assessment,
        submitted_at=when,
        graded_at=when,
        score=score,
        share=score / assessment.max_score,
        passed=None if passing is None else score >= (assessment.passing_score or 0),
        source=assessment.recorded,
        number=None if assessment.recorded == "statement" else number,
        row_graded_at=when,
        row_score=score,
    )


def record_attempt(study: Study, attempt: Attempt) -> None:
    study.of(study.tenant.courses[attempt.assessment.course_id]).attempt(attempt)
