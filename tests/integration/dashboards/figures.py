"""What each dashboard has to say of one school at first sight: figures and a table, asked of the marts by SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# A value of the database, as the screen shows it.
Form = Callable[[Any], str]


def share(value: float | None) -> str:
    return "N/A" if value is None else f"{_rounded(float(value) * 100, 0)}%"


def count(value: float | None) -> str:
    return "N/A" if value is None else f"{_rounded(value, 0):,}"


def tenth(value: float | None) -> str:
    return "N/A" if value is None else f"{_rounded(value, 1):,}"


def text(value: str | None) -> str:
    return "N/A" if value is None else value


def day(value: datetime | None) -> str:
    return "N/A" if value is None else f"{value:%d %b %Y}"


def moment(value: datetime | None) -> str:
    return "N/A" if value is None else f"{value:%d %b %H:%M}"


def _rounded(value: float, places: int) -> Decimal:
    """As a browser rounds, which takes a number for what it exactly is."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True)
class Board:
    slug: str
    person: str
    # By title, in the order of the columns of `figures`.
    tiles: dict[str, Form]
    figures: str
    table: str
    columns: tuple[Form, ...]
    rows: str
    page: int = 10


TEACHER, ADMIN = "riverside/teacher1@riverside.example", "riverside/admin@riverside.example"
TENANT = "tenant_id = (select tenant_id from control.tenants where slug = 'riverside')"
OF_COURSE = f"{TENANT} and course_id = (select course_id from marts.dim_course where {TENANT} and title = %(course)s)"
LEARNER = "(select name from marts.dim_learner as known where known.tenant_id = mart.tenant_id and known.learner_key = mart.learner_key)"  # noqa: E501
EMAIL = LEARNER.replace("select name", "select email")
COURSE = "(select title from marts.dim_course as known where known.tenant_id = mart.tenant_id and known.course_id = mart.course_id)"  # noqa: E501
# As the filter of due dates is at first.
DUE_SOON = "due_at >= current_date - 26 * 7 and due_at < current_date + 13 * 7"

BOARDS = (
    Board(
        slug="course-overview",
        person=TEACHER,
        tiles={"Enrolled": count, "Completion rate": share, "Median progress": share, "Pass rate": share},
        figures=f"""
            select enrolled, completion_rate, median_progress, pass_rate
            from marts.mart_course_comparison where {OF_COURSE}""",
        table="Who needs attention, and why?",
        columns=(text, text, share, day),
        rows=f"""
            select {LEARNER}, explanation, score, due_at at time zone 'Europe/Berlin'
            from marts.mart_learners_at_risk as mart where {OF_COURSE} and at_risk""",
    ),
    Board(
        slug="learners",
        person=TEACHER,
        tiles={"At risk": count, "Inactive for 7 days": count, "Behind the pace": count, "Failed last attempt": count},
        figures=f"""
            select sum(at_risk::int), sum(is_inactive::int), sum(is_behind::int), sum(has_failed::int)
            from marts.mart_learners_at_risk where {OF_COURSE}""",
        table="How far is each learner?",
        columns=(text, text, text, text, share, share, tenth, moment, day, share),
        rows=f"""
            select {LEARNER}, {EMAIL}, cohort, status, progress, mean_best_share, active_seconds / 3600,
                last_active_at at time zone 'Europe/Berlin', completed_at at time zone 'Europe/Berlin', score
            from marts.mart_learner_summary as mart where {OF_COURSE}""",
        page=20,
    ),
    Board(
        slug="assessments",
        person=TEACHER,
        tiles={"Pass rate": share, "Mean grade": share, "Attempts": count, "Questions": count},
        figures=f"""
            select sum(passed)::float / nullif(sum(graded), 0),
                sum(mean_best_share * with_share) / nullif(sum(with_share), 0), sum(attempts),
                (select count(*) from marts.mart_question_analysis where {OF_COURSE})
            from marts.mart_assessment_summary where {OF_COURSE}""",
        table="Which assessments are passed?",
        columns=(text, text, count, count, share, share),
        rows=f"""
            select {COURSE}, (
                select title from marts.dim_assessment as known
                where known.tenant_id = mart.tenant_id and known.assessment_id = mart.assessment_id
            ), attempted, attempts, passed::float / nullif(graded, 0), mean_best_share
            from marts.mart_assessment_summary as mart where {OF_COURSE}""",
    ),
    Board(
        slug="videos",
        person=TEACHER,
        tiles={"Videos": count, "Viewings": count, "Completed by": share},
        figures=f"""
            select count(*), sum(viewings), sum(completed)::float / nullif(sum(learners), 0)
            from marts.mart_video_summary where {OF_COURSE}""",
        table="Which videos are watched, and how far?",
        columns=(text, text, count, count, share, share, tenth),
        rows=f"""
            select title, {COURSE}, learners, viewings, mean_share, completed::float / nullif(learners, 0), length / 60
            from marts.mart_video_summary as mart where {OF_COURSE}""",
    ),
    Board(
        slug="tenant-overview",
        person=ADMIN,
        tiles={"Active in 7 days": count, "Active in 30 days": count, "Enrolled": count, "Completed": count,
               "Completion rate": share},
        figures=f"""
            select active.wau, active.mau, courses.*
            from marts.mart_tenant_activity as active cross join (
                select sum(enrolled), sum(completed), sum(completed)::float / sum(enrolled)
                from marts.mart_course_comparison where {TENANT}
            ) as courses
            where {TENANT} order by day desc limit 1""",
        table="Which courses need attention?",
        columns=(text, count, count, share, share, share, tenth),
        rows=f"""
            select title, at_risk, enrolled, completion_rate, median_progress, pass_rate,
                active_seconds_per_learner / 3600
            from marts.mart_course_comparison where {TENANT}""",
        page=100,
    ),
    Board(
        slug="course-comparison",
        person=ADMIN,
        tiles={"Enrolled": count, "Completion rate": share, "Pass rate": share},
        figures=f"""
            select sum(enrolled), sum(completed)::float / sum(enrolled), (
                select sum(passed)::float / sum(graded) from marts.mart_assessment_summary where {TENANT}
            ) from marts.mart_course_comparison where {TENANT}""",
        table="How do the courses compare?",
        columns=(text, text, count, count, share, share, count, tenth, share, share, count),
        rows=f"""
            select title, status, enrolled, withdrawn, completion_rate, median_progress, median_days_to_complete,
                active_seconds_per_learner / 3600, pass_rate, mean_best_share, at_risk
            from marts.mart_course_comparison where {TENANT}""",
        page=100,
    ),
    Board(
        slug="compliance",
        person=ADMIN,
        tiles={"Overdue": count, "Open": count, "On time": count, "Late": count, "Done in time": share},
        figures=f"""
            select counted.*, on_time / nullif(on_time + late + overdue, 0)::float from (
                select sum((state = 'overdue')::int) as overdue, sum((state = 'open')::int),
                    sum((state = 'on_time')::int) as on_time, sum((state = 'late')::int) as late
                from marts.mart_compliance where {TENANT} and {DUE_SOON}
            ) as counted""",
        table="Who is overdue?",
        columns=(text, text, text, text, day, count),
        rows=f"""
            select {LEARNER}, {EMAIL}, {COURSE}, cohort, due_at at time zone 'Europe/Berlin',
                extract(day from now() - due_at)
            from marts.mart_compliance as mart where {TENANT} and {DUE_SOON} and state = 'overdue'""",
    ),
    Board(
        slug="pipeline-health",
        person="operator",
        tiles={"Stored in 7 days": count, "Refused in 7 days": count, "Dead letters": count},
        figures="""
            select statements, dead_letters, (select count(*) from ingest.dead_letters)
            from marts.ops_weeks order by day desc limit 1""",
        table="What does nobody know?",
        columns=(text, text, text, count),
        rows="""
            select case what when 'verb' then 'Verb of no known kind' when 'learner' then 'Learner nobody knows'
                    when 'activity' then 'Activity with no place in a course' else 'Unreadable part' end,
                case when what <> 'learner' then name when name = 'none' then 'no user fits'
                    else 'more than one user fits' end, tenant, statements
            from marts.ops_unmapped where what <> 'statements'""",
    ),
)  # fmt: skip
