"""Which statements and rows are one attempt, and who is right about it."""

from typing import Any

from simulator.dialects import adl
from simulator.moments import DAY, HOUR, MINUTE, SECOND
from simulator.plans.edges.probe import Probe
from simulator.plans.facts import Attempt
from simulator.plans.scripts.judging import record_attempt
from simulator.plans.steps import Outcome, Verb


def _attempt(probe: Probe, at: int, score: float | None, *, passed: bool | None, **given: Any) -> None:
    values: dict[str, Any] = {"source": "statement", "graded_at": at, **given}
    share = None if score is None else score / probe.quiz.max_score
    attempt = Attempt(assessment=probe.quiz, submitted_at=at, score=score, share=share, passed=passed, **values)
    record_attempt(probe.study, attempt)


def _row(probe: Probe, submitted_at: int, graded_at: int, score: float, source: str = "row") -> None:
    passed = score >= (probe.quiz.passing_score or 0)
    _attempt(
        probe, submitted_at, score, passed=passed, graded_at=graded_at, source=source, number=1, row_score=score,
        row_graded_at=graded_at,
    )  # fmt: skip


def _say(probe: Probe, at: int, verb: Verb, score: float, *, success: bool | None = None) -> None:
    probe.say_at(at, verb, probe.quiz, Outcome(raw=score, maximum=100, success=success))


def passed_then_failed(probe: Probe) -> None:
    """Passed for good; the last attempt was failed."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    _say(probe, at, adl.PASSED, 80, success=True)
    _attempt(probe, at, 80, passed=True)
    _say(probe, at + 3 * HOUR, adl.FAILED, 20, success=False)
    _attempt(probe, at + 3 * HOUR, 20, passed=False)


def within_a_minute(probe: Probe) -> None:
    """Two of the same verdict and score are one; a third, a minute and a second after the first, is another."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.line.begin(at)
    for busy in (60, 1, 10):
        probe.say(adl.FAILED, probe.quiz, busy, Outcome(raw=30, maximum=100, success=False))
    probe.line.end()
    _attempt(probe, at, 30, passed=False)
    _attempt(probe, at + 61 * SECOND, 30, passed=False)


def other_score_within_a_minute(probe: Probe) -> None:
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.line.begin(at)
    for score in (30, 40):
        probe.say(adl.FAILED, probe.quiz, 20, Outcome(raw=score, maximum=100, success=False))
    probe.line.end()
    _attempt(probe, at, 30, passed=False)
    _attempt(probe, at + 20 * SECOND, 40, passed=False)


def _mark(probe: Probe, at: int, score: float) -> None:
    outcome = Outcome(raw=score, maximum=100, success=score >= 60)
    visit = probe.study.visit(probe.quiz)
    judge = probe.study.judge("i4", "lms_external")
    probe.line.aside(at, adl.MARKED, probe.quiz, probe.quiz.place, visit, outcome, judge)


def marked_days_later(probe: Probe) -> None:
    """The teacher's statement comes ten minutes before the row says that it was graded: still the same attempt."""
    probe.enrol_in_probes()
    submitted_at = probe.tenant.days.at(5, 9)
    graded_at = submitted_at + 9 * DAY
    _mark(probe, graded_at - 10 * MINUTE, 70)
    _row(probe, submitted_at, graded_at, 70, source="both")


def marked_too_early(probe: Probe) -> None:
    """A second more than ten minutes: an attempt of its own."""
    probe.enrol_in_probes()
    submitted_at = probe.tenant.days.at(5, 9)
    graded_at = submitted_at + 9 * DAY
    said_at = graded_at - 10 * MINUTE - SECOND
    _mark(probe, said_at, 70)
    _row(probe, submitted_at, graded_at, 70)
    _attempt(probe, said_at, 70, passed=True)


def row_wins(probe: Probe) -> None:
    """The statement says passed, the row's score says failed."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    _say(probe, at, adl.PASSED, 70, success=True)
    _row(probe, at + MINUTE, at + MINUTE, 40, source="both")


def statement_fills(probe: Probe) -> None:
    """The row has no score; the statement has one, and a verdict."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    _say(probe, at, adl.PASSED, 80, success=True)
    _attempt(probe, at + MINUTE, 80, passed=True, graded_at=at, source="both", number=1)


def not_graded(probe: Probe) -> None:
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    _attempt(probe, at, None, passed=None, graded_at=None, source="row", number=1)


def below_zero(probe: Probe) -> None:
    """A scaled score below zero says nothing of the share; raw does."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.say_at(at, adl.FAILED, probe.quiz, Outcome(raw=25, maximum=100, scaled=-0.5, success=False))
    _attempt(probe, at, 25, passed=False)


def without_verdict(probe: Probe) -> None:
    """Completed with just the passing score: passed."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    probe.say_at(at, adl.COMPLETED, probe.quiz, Outcome(raw=60, maximum=100, completion=True))
    _attempt(probe, at, 60, passed=True)


def first_answer_counts(probe: Probe) -> None:
    """Wrong at first, then right; one question is nobody's to judge."""
    probe.enrol_in_probes()
    probe.line.begin(probe.tenant.days.at(5, 9))
    for correct in (False, True):
        for question in probe.quiz.questions:
            probe.answer(question, correct=correct)
    probe.line.end()


def scored_only(probe: Probe) -> None:
    """A score without a verdict, by the learner's own content: the passing share decides."""
    probe.enrol_in_probes()
    at = probe.tenant.days.at(5, 9)
    _say(probe, at, adl.SCORED, 59)
    _attempt(probe, at, 59, passed=False)
