"""Rates and aggregates by a plain reading of the law."""

import statistics
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.simulator import law, law_assessment, law_risk
from tests.unit.simulator.reading import EARLIEST, parse
from tests.unit.simulator.term import TenantTerm, Term


def active_days(tenant: TenantTerm) -> dict[tuple[str, str], set[date]]:
    """By course and learner."""
    found: dict[tuple[str, str], set[date]] = defaultdict(set)
    for one in tenant.said:
        if one.learner and one.course and one.kind != "graded" and one.at >= EARLIEST:
            found[one.course, one.learner].add(one.at.astimezone(tenant.zone).date())
    return found


def learners(tenant: TenantTerm) -> dict[tuple[str, str], dict[str, Any]]:
    return {key: row for key, row in tenant.lms.enrolments.items() if tenant.is_learner(key[1], key[0])}


def as_of(tenant: TenantTerm) -> datetime:
    return parse(tenant.described["as_of"])


def begin(tenant: TenantTerm, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tenant.zone).astimezone(UTC)


def test_retention__each_week_of_each_cohort(term: Term) -> None:
    for tenant in term.tenants:
        active = active_days(tenant)
        cohorts: dict[tuple[str, str], list[tuple[date, set[date]]]] = defaultdict(list)
        for (course, learner), row in learners(tenant).items():
            day = row["enrolled_at"].astimezone(tenant.zone).date()
            week = f"{day.isocalendar().year}-W{day.isocalendar().week:02}"
            cohorts[course, week].append((day, active.get((course, learner), set())))
        rows = tenant.truth("mart_cohort_retention")
        assert {(row["course"], row["cohort"]) for row in rows} == set(cohorts)
        for row in rows:
            members, first = cohorts[row["course"], row["cohort"]], 7 * row["week"]
            is_over = all(begin(tenant, day + timedelta(days=first + 7)) <= as_of(tenant) for day, _ in members)
            present = sum(any(0 <= (each - day).days - first < 7 for each in days) for day, days in members)
            assert row["members"] == len(members)
            assert row["active"] == (present if is_over else None), row


def test_funnel__each_lesson(term: Term) -> None:
    for tenant in term.tenants:
        done = law.lesson_completions(tenant.said, tenant.lms)
        started = {(one.lesson, one.learner) for one in tenant.said if one.lesson and one.kind != "graded"}
        rows = tenant.truth("mart_course_funnel")
        assert rows
        for row in rows:
            here = [key[1] for key, each in learners(tenant).items() if key[0] == row["course"]
                    and each["status"] != "withdrawn"]  # fmt: skip
            lesson = row["lesson"]
            assert row["enrolled"] == len(here)
            assert row["completed"] == sum((lesson, learner) in done for learner in here)
            assert row["started"] == sum((lesson, one) in started or (lesson, one) in done for one in here)


def test_completion__rates_without_the_withdrawn_and_the_waived(term: Term) -> None:
    for tenant in term.tenants:
        done = law_assessment.course_completions(tenant.said, tenant.lms)
        waived = {
            (one.course, one.learner)
            for one in tenant.said
            if one.kind == "waived" and one.level == "course" and one.is_object
        }
        counted: dict[str, list[bool]] = defaultdict(list)
        for key, row in learners(tenant).items():
            if row["status"] != "withdrawn" and key not in waived:
                counted[key[0]].append(key in done)
        rows = tenant.truth("mart_course_completion")
        assert {row["course"]: (row["enrolled"], row["completed"]) for row in rows if row["enrolled"]} == {
            course: (len(each), sum(each)) for course, each in counted.items()
        }


def test_compliance__each_due_date(term: Term) -> None:
    for tenant in term.tenants:
        done = law_assessment.course_completions(tenant.said, tenant.lms)
        waived = {(one.course, one.learner) for one in tenant.said if one.kind == "waived" and one.level == "course"}
        for row in tenant.truth("mart_compliance"):
            key = row["course"], row["learner"]
            due_at = parse(row["due_at"])
            if tenant.lms.enrolments[key]["status"] == "withdrawn":
                expected = "withdrawn"
            elif key in done:
                expected = "on_time" if done[key] <= due_at else "late"
            elif key in waived:
                expected = "waived"
            else:
                expected = "open" if as_of(tenant) <= due_at else "overdue"
            assert row["state"] == expected, row


def test_questions__difficulty_and_discrimination(term: Term) -> None:
    for tenant in term.tenants:
        first: dict[tuple[str, str | None], dict[str, bool]] = defaultdict(dict)
        for (item, assessment, learner), one in law.first_answers(tenant.said).items():
            success = one.tree["result"].get("success")
            if tenant.is_learner(learner, one.course) and success is not None:
                first[item, assessment][learner] = success
        for row in tenant.truth("mart_question_analysis"):
            known = first.get((row["item"], row["assessment"]), {})
            assert row["difficulty"] == (sum(known.values()) / len(known) if known else None)
            expected = _discrimination(first, row["item"], row["assessment"])
            assert row["discrimination"] == (None if expected is None else pytest.approx(expected, abs=1e-9)), row


def _discrimination(
    first: dict[tuple[str, str | None], dict[str, bool]], item: str, assessment: str | None
) -> float | None:
    if assessment is None:
        return None
    items = {name: known for (name, place), known in first.items() if place == assessment}
    anybody = set().union(*items.values())
    kept = {name: known for name, known in items.items() if len(known) >= 0.8 * len(anybody)}
    whole = [learner for learner in anybody if all(learner in known for known in kept.values())]
    if item not in kept or len(kept) < 2 or len(whole) < 10:
        return None
    here = [float(kept[item][learner]) for learner in whole]
    others = [
        sum(known[learner] for name, known in kept.items() if name != item) / (len(kept) - 1) for learner in whole
    ]
    if len(set(here)) == 1 or len(set(others)) == 1:
        return None
    return statistics.correlation(here, others)


def test_risk__each_candidate_and_why(term: Term) -> None:
    for tenant in term.tenants:
        known = law_risk.know(tenant.said, tenant.lms)
        expected = {
            key: law_risk.reasons(tenant.lms, known, key, as_of(tenant))
            for key in learners(tenant)
            if law_risk.is_candidate(tenant.lms, known, key, as_of(tenant))
        }
        rows = tenant.truth("mart_learners_at_risk")
        assert {(row["course"], row["learner"]): row["reasons"] for row in rows} == expected
