"""What must hold between the truths, whatever was simulated."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tests.unit.simulator.term import Term


def test_completed__at_most_enrolled(term: Term) -> None:
    for tenant in term.tenants:
        for row in tenant.truth("mart_course_completion"):
            assert 0 <= row["completed"] <= row["enrolled"]
            assert row["enrolled"] == 0 or row["completion_rate"] == row["completed"] / row["enrolled"]


def test_active_time__of_days_is_that_of_sessions(term: Term) -> None:
    for tenant in term.tenants:
        of_sessions, of_days = Counter[str](), Counter[str]()
        for row in tenant.truth("fct_sessions"):
            of_sessions[row["actor"]] += round(row["active_seconds"] * 1000)
        for row in tenant.truth("fct_daily_engagement"):
            of_days[row["actor"]] += round(row["active_seconds"] * 1000)
        assert of_days == of_sessions


def test_statements__of_days_are_those_of_sessions(term: Term) -> None:
    for tenant in term.tenants:
        of_days = sum(row["statements"] for row in tenant.truth("fct_daily_engagement"))
        assert of_days == sum(row["statements"] for row in tenant.truth("fct_sessions"))


def test_course_engagement__is_the_sum_of_learners_days(term: Term) -> None:
    for tenant in term.tenants:
        found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0])
        for row in tenant.truth("fct_daily_engagement"):
            if row["course"] is not None and row["standing"] == "learner":
                sums = found[row["course"], row["day"]]
                sums[0] += row["statements"] > 0
                sums[1] += row["active_seconds"]
                sums[2] += row["statements"]
        for row in tenant.truth("mart_course_engagement"):
            learners, seconds, statements = found[row["course"], row["day"]]
            assert (row["active_learners"], row["statements"]) == (learners, statements)
            assert row["active_seconds"] == pytest.approx(seconds, abs=1e-6)


def test_funnel__completed_implies_started_implies_enrolled(term: Term) -> None:
    for tenant in term.tenants:
        steps: dict[str, list[dict[str, int]]] = defaultdict(list)
        for row in tenant.truth("mart_course_funnel"):
            assert row["completed"] <= row["started"] <= row["enrolled"]
            steps[row["course"]].append(row)
        for rows in steps.values():
            assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
            for before, row in pairwise(rows):
                if before["completed"]:
                    assert row["drop_off"] == 1 - row["completed"] / before["completed"]


def test_tenant_activity__days_within_weeks_within_months(term: Term) -> None:
    for tenant in term.tenants:
        for row in tenant.truth("mart_tenant_activity"):
            assert 0 <= row["dau"] <= row["wau"] <= row["mau"]
            assert row["stickiness"] is None or 0 <= row["stickiness"] <= 1


def test_grades__bins_hold_each_learner_once(term: Term) -> None:
    for tenant in term.tenants:
        binned = Counter[str]()
        for row in tenant.truth("mart_grade_distribution"):
            binned[row["assessment"]] += row["learners"]
        with_share = {
            (row["assessment"], row["learner"])
            for row in tenant.truth("fct_assessment_attempts")
            if row["share"] is not None
        }
        assert binned == Counter(assessment for assessment, _ in with_share)
        for row in tenant.truth("assessment_pass_rates"):
            assert row["passed"] <= row["graded"] <= row["attempted"]


def test_attempts__one_last_and_at_most_one_best(term: Term) -> None:
    for tenant in term.tenants:
        attempts = tenant.truth("fct_assessment_attempts")
        tried = {(row["assessment"], row["learner"]) for row in attempts}
        assert len(tried) == sum(row["is_last"] for row in attempts)
        assert sum(row["is_best"] for row in attempts) <= len(tried)


def test_compliance__everyone_with_a_due_date_is_in_one_state(term: Term) -> None:
    for tenant in term.tenants:
        rows = tenant.truth("mart_compliance")
        assert len({(row["course"], row["learner"]) for row in rows}) == len(rows)
        due = {key for key, row in tenant.lms.enrolments.items() if row["due_at"] and tenant.is_learner(key[1], key[0])}
        assert {(row["course"], row["learner"]) for row in rows} == due
        assert {row["state"] for row in rows} == {"withdrawn", "on_time", "late", "waived", "open", "overdue"}


def test_summaries__one_for_each_enrolment(term: Term) -> None:
    for tenant in term.tenants:
        rows = tenant.truth("mart_learner_summary")
        learners = {key for key in tenant.lms.enrolments if tenant.is_learner(key[1], key[0])}
        assert {(row["course"], row["learner"]) for row in rows} == learners
        assert len(rows) == len(learners)


def test_risk__a_score_is_the_weight_of_its_reasons(term: Term) -> None:
    weights = {"inactive": 0.3, "behind": 0.25, "low_grades": 0.15, "failed": 0.15, "due": 0.15}
    for tenant in term.tenants:
        rows = tenant.truth("mart_learners_at_risk")
        for row in rows:
            assert row["at_risk"] == bool(row["reasons"])
            assert row["score"] == pytest.approx(sum(weights[reason] for reason in row["reasons"]))
        assert {reason for row in rows for reason in row["reasons"]} == set(weights)


def test_retention__shares_of_the_members(term: Term) -> None:
    for tenant in term.tenants:
        rows = tenant.truth("mart_cohort_retention")
        assert all(row["retention"] is None or row["retention"] == row["active"] / row["members"] for row in rows)
        assert any(row["retention"] is None for row in rows)
        assert any(row["retention"] for row in rows)
