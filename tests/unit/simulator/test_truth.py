"""Truths equal what a plain reading of the law finds in the statements and events."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.simulator import law, law_assessment
from tests.unit.simulator.reading import EARLIEST, parse
from tests.unit.simulator.term import TenantTerm, Term


def test_sessions__each_of_them(term: Term) -> None:
    for tenant in term.tenants:
        found = Counter(
            (
                session[0].learner, session[0].at, session[-1].at, len(session),
                round(sum(lasts.total_seconds() for _, lasts in law.spans(session, tenant.lengths)), 3),
            )
            for session in law.sessions(tenant.said, tenant.lengths)
        )  # fmt: skip
        expected = Counter(
            (row["learner"], parse(row["started_at"]), parse(row["last_at"]), row["statements"], row["active_seconds"])
            for row in tenant.truth("fct_sessions")
        )
        assert differences(found, expected) == []


def test_daily_engagement__each_day(term: Term) -> None:
    for tenant in term.tenants:
        found = law.daily(tenant.said, tenant.lengths, tenant.zone)
        seen = Counter(
            (day, course, who if who in tenant.lms.users else None, round(active, 3), count)
            for (day, course, who), (active, count) in found.items()
        )
        expected = Counter(
            (row["day"], row["course"], row["learner"], row["active_seconds"], row["statements"])
            for row in tenant.truth("fct_daily_engagement")
        )
        assert differences(seen, expected) == []


def test_lesson_completion__each_lesson(term: Term) -> None:
    for tenant in term.tenants:
        lesson_course = {row["lesson"]: row["course"] for row in tenant.truth("fct_lesson_completion")}
        found = Counter(
            (lesson, learner, at)
            for (lesson, learner), at in law.lesson_completions(tenant.said, tenant.lms).items()
            if tenant.is_learner(learner, lesson_course.get(lesson))
        )
        expected = Counter(
            (row["lesson"], row["learner"], parse(row["completed_at"])) for row in tenant.truth("fct_lesson_completion")
        )
        assert differences(found, expected) == []


def test_video_engagement__each_second(term: Term) -> None:
    for tenant in term.tenants:
        assert differences(Counter(_video_seconds(tenant)), Counter(_true_seconds(tenant))) == []


def _video_seconds(tenant: TenantTerm) -> list[tuple[str, int, int, int]]:
    course = {row["video"]: row["course"] for row in tenant.truth("fct_video_segments")}
    first: dict[str, Counter[int]] = defaultdict(Counter)
    again: dict[str, Counter[int]] = defaultdict(Counter)
    for (learner, video), found in law.viewings(tenant.said, tenant.lengths).items():
        if tenant.is_learner(learner, course.get(video)):
            counts = law.seconds_watched([segment for viewing in found for segment in viewing], 3400)
            first[video].update({second: 1 for second, count in enumerate(counts) if count})
            again[video].update({second: count - 1 for second, count in enumerate(counts) if count > 1})
    return [(video, second, count, again[video][second]) for video in first for second, count in first[video].items()]


def _true_seconds(tenant: TenantTerm) -> list[tuple[str, int, int, int]]:
    rows = tenant.truth("mart_video_engagement")
    return [(row["video"], row["second"], row["first_views"], row["rewatches"]) for row in rows]


def test_question_responses__each_first_answer(term: Term) -> None:
    for tenant in term.tenants:
        found = Counter(
            (item, assessment, learner, one.at, one.tree["result"].get("success"), one.tree["result"]["response"])
            for (item, assessment, learner), one in law.first_answers(tenant.said).items()
            if tenant.is_learner(learner, one.course)
        )
        expected = Counter(
            (row["item"], row["assessment"], row["learner"], parse(row["first_at"]), row["correct"], row["response"])
            for row in tenant.truth("fct_question_responses")
        )
        assert differences(found, expected) == []


def test_attempts__each_of_them(term: Term) -> None:
    for tenant in term.tenants:
        courses = {name: one["courseId"] for name, one in law_assessment.assessments(tenant.lms).items()}
        found = Counter(
            (assessment, learner, one.submitted_at, one.graded_at, rounded(one.score), rounded(one.share), one.passed)
            for (assessment, learner), tries in law_assessment.attempts(tenant.said, tenant.lms).items()
            for one in tries
            if tenant.is_learner(learner, courses[assessment])
        )
        expected = Counter(
            (
                row["assessment"], row["learner"], parse(row["submitted_at"]),
                row["graded_at"] and parse(row["graded_at"]), rounded(row["score"]), rounded(row["share"]),
                row["passed"],
            )
            for row in tenant.truth("fct_assessment_attempts")
        )  # fmt: skip
        assert differences(found, expected) == []


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def test_course_completion__each_course(term: Term) -> None:
    for tenant in term.tenants:
        found = Counter(
            (course, learner, at)
            for (course, learner), at in law_assessment.course_completions(tenant.said, tenant.lms).items()
            if tenant.is_learner(learner, course)
        )
        expected = Counter(
            (row["course"], row["learner"], parse(row["completed_at"])) for row in tenant.truth("fct_course_completion")
        )
        assert differences(found, expected) == []


def test_tenant_activity__each_day(term: Term) -> None:
    for tenant in term.tenants:
        active: dict[date, set[str]] = defaultdict(set)
        for one in tenant.said:
            if (
                one.kind != "graded"
                and one.at >= EARLIEST
                and tenant.lms.users.get(one.learner or "", {}).get("role") == "student"
            ):
                active[one.at.astimezone(tenant.zone).date()].add(one.learner or "")
        for row in tenant.truth("mart_tenant_activity"):
            day = date.fromisoformat(row["day"])
            trailing = [set().union(*(active[day - timedelta(days=n)] for n in range(days))) for days in (1, 7, 30)]
            assert [row["dau"], row["wau"], row["mau"]] == [len(learners) for learners in trailing], row


def test_statement_counts__by_kind_and_place(term: Term) -> None:
    for tenant in term.tenants:
        once = {one.id: one for one in tenant.said}.values()
        found = Counter(("kind", one.kind) for one in once) + Counter(("place", one.level) for one in once)
        rows = tenant.truth("statement_counts")
        expected = Counter(
            {
                (row["dimension"], row["value"]): row["statements"]
                for row in rows
                if row["dimension"] in {"kind", "place"}
            }
        )
        assert differences(found, expected) == []


def differences(found: Counter[Any], expected: Counter[Any]) -> list[str]:
    """Some of them, so that a failure can be read."""
    return [f"not in the truth: {one}" for one in list(found - expected)[:3]] + [
        f"only in the truth: {one}" for one in list(expected - found)[:3]
    ]


@pytest.mark.parametrize("mart", ["fct_sessions", "mart_learner_summary", "mart_course_engagement"])
def test_truth__is_not_empty(term: Term, mart: str) -> None:
    assert all(len(tenant.truth(mart)) > 20 for tenant in term.tenants)
