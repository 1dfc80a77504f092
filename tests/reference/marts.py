"""Every mart, from the raw tables alone, as ANALYTICS.md defines it: the second opinion on dbt's."""

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from tests.reference import (
    dimensions,
    engagement,
    questions,
    retention,
    trace,
    video_rows,
)
from tests.reference.aggregates import aggregates
from tests.reference.attempts import attempts
from tests.reference.columns import COLUMNS
from tests.reference.completion import Completions
from tests.reference.content import Content
from tests.reference.courses import Courses
from tests.reference.deeds import History, history
from tests.reference.engagement import Rows
from tests.reference.fairness import fairness_rows
from tests.reference.films import films
from tests.reference.grades import Grades
from tests.reference.overview import Overview
from tests.reference.read import Frames
from tests.reference.risk import Moment, Risks
from tests.reference.school import School, schools
from tests.reference.sessions import Sessions
from tests.reference.videos import viewings


def marts(frames: Frames, as_of: datetime) -> dict[str, pl.DataFrame]:
    found: dict[str, Rows] = {name: [] for name in COLUMNS}
    for school in schools(frames):
        for name, rows in _of_school(school, as_of):
            found[name] += [{"tenant_id": school.tenant_id, **row} for row in rows]
    facts = {name: pl.DataFrame(rows, schema=COLUMNS[name], orient="row") for name, rows in found.items()}
    return facts | aggregates(facts)


def _of_school(school: School, as_of: datetime) -> Iterator[tuple[str, Rows]]:
    done = history(school)
    known = films(done.statements)
    sessions = Sessions(done, known)
    content, tries = Content(school), attempts(school, done)
    completions, grades = Completions(school, done, content, tries), Grades(school, tries)
    courses = Courses(school, done, content, completions, as_of)
    yield from _of_statements(done, sessions)
    yield from _of_dimensions(courses)
    yield from _of_courses(courses)
    yield "fct_assessment_attempts", grades.attempt_rows()
    answers, watched = questions.first_answers(done), viewings(done, sessions, known)
    yield "fct_question_responses", questions.response_rows(answers)
    yield "mart_question_analysis", questions.analysis_rows(school, answers)
    yield "fct_video_segments", video_rows.segment_rows(watched)
    yield "mart_video_engagement", video_rows.second_rows(watched)
    yield "video_summary", video_rows.summary_rows(watched, known)
    daily, active = engagement.daily_rows(school, sessions.all), engagement.active_days(school, done)
    yield "fct_daily_engagement", daily
    yield "mart_tenant_activity", engagement.tenant_rows(school, active, as_of)
    yield "mart_cohort_retention", retention.retention_rows(school, done, as_of)
    risks, now = Risks(school, done, content, completions, grades), Moment(as_of)
    enrolments = [row for rows in courses.enrolments.values() for row in rows]
    yield "mart_risk_fairness", fairness_rows(school, enrolments, completions, risks, now)
    yield from _of_overview(
        Overview(school, courses, grades, risks, now, daily, engagement.session_rows(sessions.all), active)
    )


def _of_dimensions(courses: Courses) -> Iterator[tuple[str, Rows]]:
    yield "dim_learner", dimensions.learner_rows(courses.school)
    yield "dim_course", dimensions.course_rows(courses.school)
    yield "dim_lesson", dimensions.lesson_rows(courses)
    yield "dim_assessment", dimensions.assessment_rows(courses)


def _of_statements(done: History, sessions: Sessions) -> Iterator[tuple[str, Rows]]:
    yield "fct_statements", trace.statement_rows(done, sessions.all)
    yield "fct_statement_learners", trace.learner_rows(done)
    yield "statement_counts", trace.count_rows(done)
    yield "unmapped", trace.unmapped_rows(done)
    yield "fct_sessions", engagement.session_rows(sessions.all)


def _of_courses(courses: Courses) -> Iterator[tuple[str, Rows]]:
    yield "fct_lesson_completion", courses.lesson_rows()
    yield "fct_course_completion", courses.course_rows()
    yield "mart_course_completion", courses.completion_rows()
    yield "mart_course_funnel", courses.funnel_rows()
    yield "mart_compliance", courses.compliance_rows()


def _of_overview(overview: Overview) -> Iterator[tuple[str, Rows]]:
    yield "mart_learners_at_risk", overview.risk_rows()
    yield "mart_learner_summary", overview.summary_rows()
    yield "mart_tenant_overview", overview.tenant_rows()
