"""Which attempts the LMS has rows of."""

from simulator.plans.facts import Attempt, CourseFacts


def row_attempts(facts: CourseFacts) -> list[Attempt]:
    """In the order of their numbers."""
    return sorted(
        (attempt for attempt in facts.attempts if attempt.number is not None),
        key=lambda attempt: (attempt.assessment.assessment_id, attempt.number or 0),
    )
