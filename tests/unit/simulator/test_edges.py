"""Learners who stand on an edge of a definition fall to the side that it says."""

from typing import Any

import pytest

from simulator.plans.edges import attempts, completion, risk, sessions, videos
from simulator.plans.edges.table import EDGES, Edge
from tests.unit.simulator.term import TenantTerm, Term

LEARNERS_A_UNIT = 10


def learner(edge: Edge) -> str:
    return f"u{(EDGES.index(edge) + 1) * LEARNERS_A_UNIT:07}"


def of(tenant: TenantTerm, mart: str, edge: Edge) -> list[dict[str, Any]]:
    return [row for row in tenant.truth(mart) if row["learner"] == learner(edge)]


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (sessions.half_an_hour, [(2, 360.0)]),
        (sessions.a_second_more, [(1, 60.0), (1, 60.0)]),
        (sessions.five_minutes, [(3, 660.0)]),
        (videos.forty_minutes, [(3, None)]),
        (videos.to_the_end, [(3, None), (2, None), (1, 60.0)]),
        (videos.left_playing, [(2, None)]),
    ],
)
def test_sessions__gaps(term: Term, edge: Edge, expected: list[tuple[int, float | None]]) -> None:
    for tenant in term.tenants:
        rows = of(tenant, "fct_sessions", edge)
        assert [row["statements"] for row in rows] == [count for count, _ in expected]
        for row, (_, seconds) in zip(rows, expected, strict=True):
            assert seconds is None or row["active_seconds"] == seconds


def test_days__split_at_midnight(term: Term) -> None:
    for tenant in term.tenants:
        days = of(tenant, "fct_daily_engagement", sessions.over_midnight)
        assert [(row["active_seconds"], row["statements"]) for row in days] == [(120.0, 1), (180.0, 1)]
        days = of(tenant, "fct_daily_engagement", sessions.at_midnight)
        assert [(row["active_seconds"], row["statements"]) for row in days] == [(120.0, 1), (60.0, 1), (60.0, 1)]


@pytest.mark.parametrize(
    ("edge", "reasons"),
    [
        (risk.twenty_points_under, []),
        (risk.a_little_more_under, ["behind"]),
        (risk.due_in_seven_days, ["due"]),
        (risk.due_a_second_later, []),
        (risk.due_with_four_fifths, []),
        (risk.overdue, ["behind", "due"]),
        (risk.silent_for_a_week, ["inactive"]),
        (risk.silent_for_less, []),
        (risk.never_started, ["inactive"]),
        (risk.just_enrolled, []),
    ],
)
def test_risk__to_the_second(term: Term, edge: Edge, reasons: list[str]) -> None:
    for tenant in term.tenants:
        rows = of(tenant, "mart_learners_at_risk", edge)
        assert [row["reasons"] for row in rows] == [reasons]


@pytest.mark.parametrize(
    ("edge", "state"),
    [
        (completion.on_time, "on_time"),
        (completion.late, "late"),
        (completion.withdrawn, "withdrawn"),
        (completion.waived, "waived"),
    ],
)
def test_compliance__in_this_order(term: Term, edge: Edge, state: str) -> None:
    for tenant in term.tenants:
        assert [row["state"] for row in of(tenant, "mart_compliance", edge)] == [state]


@pytest.mark.parametrize(
    ("edge", "lessons"),
    [
        (completion.without_success, []),
        (completion.by_other_words, ["probes-l1", "probes-l2"]),
        (completion.not_by_a_page, []),
        (completion.twice, ["probes-l1"]),
    ],
)
def test_lessons__what_completes_them(term: Term, edge: Edge, lessons: list[str]) -> None:
    for tenant in term.tenants:
        assert [row["lesson"] for row in of(tenant, "fct_lesson_completion", edge)] == lessons


@pytest.mark.parametrize(
    ("edge", "progress", "evidence"),
    [
        (completion.before_more_was_required, 0.8, "requirements"),
        (completion.as_less_is_required, 1.0, "requirements"),
        (completion.enrolled_again, 1.0, "requirements"),
        (completion.said_of_the_course, 0.0, "statement"),
    ],
)
def test_courses__completed_for_good(term: Term, edge: Edge, progress: float, evidence: str) -> None:
    for tenant in term.tenants:
        assert [row["evidence"] for row in of(tenant, "fct_course_completion", edge)] == [evidence]
        assert [row["progress"] for row in of(tenant, "mart_learner_summary", edge)] == [progress]


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (attempts.passed_then_failed, [(0.8, True, "statement"), (0.2, False, "statement")]),
        (attempts.within_a_minute, [(0.3, False, "statement")] * 2),
        (attempts.marked_days_later, [(0.7, True, "both")]),
        (attempts.marked_too_early, [(0.7, True, "row"), (0.7, True, "statement")]),
        (attempts.row_wins, [(0.4, False, "both")]),
        (attempts.statement_fills, [(0.8, True, "both")]),
        (attempts.not_graded, [(None, None, "row")]),
        (attempts.below_zero, [(0.25, False, "statement")]),
        (attempts.without_verdict, [(0.6, True, "statement")]),
        (attempts.scored_only, [(0.59, False, "statement")]),
    ],
)
def test_attempts__one_or_two(term: Term, edge: Edge, expected: list[tuple[float | None, bool | None, str]]) -> None:
    for tenant in term.tenants:
        rows = of(tenant, "fct_assessment_attempts", edge)
        assert [(row["share"], row["passed"], row["source"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("edge", "segments", "is_completed"),
    [
        (videos.touching, [[0, 30], [5, 15.5]], False),
        (videos.just_enough, [[0, 814.5]], True),
        (videos.not_quite_enough, [[0, 814.499]], False),
        (videos.usual_threshold, [[0, 285]], True),
        (videos.left_playing, [], False),
    ],
)
def test_videos__segments(term: Term, edge: Edge, segments: list[list[float]], is_completed: bool) -> None:
    for tenant in term.tenants:
        rows = of(tenant, "fct_video_segments", edge)
        assert [(row["segments"], row["completed"]) for row in rows] == [(segments, is_completed)]


def test_questions__ten_learners_tell_them_apart_and_nine_do_not(term: Term) -> None:
    for tenant in term.tenants:
        rows = tenant.truth("mart_question_analysis")
        by_assessment = {
            name: [row for row in rows if row["assessment"] == name] for name in ("seminar10-a1", "seminar9-a1")
        }
        assert {row["learners"] for row in by_assessment["seminar10-a1"]} == {10}
        assert {row["learners"] for row in by_assessment["seminar9-a1"]} == {9}
        assert any(row["discrimination"] is not None for row in by_assessment["seminar10-a1"])
        assert all(row["discrimination"] is None for row in by_assessment["seminar9-a1"])
        assert all(row["difficulty"] is not None for row in by_assessment["seminar9-a1"])
