"""From the staging tables into the lms tables, within the caller's transaction and turn."""

from collections.abc import Collection

from psycopg import Connection

from core.lms.tables import HISTORIES, TABLES, append_sql, merge_sql

# Children are removed as of the first listing of their course's children that does not name them any more.
REMOVE = """
update lms.{table} as child set removed_at = fresh.removed_at, batch_id = %(batch_id)s
from (
    with touched as (
        select tenant_id, {key}
        from lms.{table} inner join staged_listings using (tenant_id, course_id)
        where staged_listings.kind = '{kind}'
        union
        select tenant_id, {key} from staged_{table}
    )
    select
        tenant_id, {key},
        case when is_listed then (
            select min(listings.happened_at) from lms.listings
            where listings.tenant_id = known.tenant_id and listings.course_id = known.course_id
                and listings.kind = '{kind}'
                and (listings.happened_at, listings.event_key) > (known.{group}_said_at, known.{group}_said_by)
        ) else {group}_said_at end as removed_at
    from lms.{table} as known inner join touched using (tenant_id, {key})
) as fresh
where {same} and child.removed_at is distinct from fresh.removed_at
"""
CHILDREN = {
    "instructor": ("course_instructors", ("course_id", "user_id"), "presence"),
    "module": ("modules", ("course_id", "module_id"), "details"),
    "lesson": ("lessons", ("lesson_id",), "details"),
    "assessment": ("assessments", ("assessment_id",), "details"),
}

# An earlier completion stands, unless it was taken back by a telling of the whole. One that is only said to be, with no
# time, has that of the first that had one.
FOLD_PROGRESS = """
merge into lms.lesson_progress as known
using (
    with touched as (
        select distinct tenant_id, lesson_id, user_id from staged_lesson_progress_history
    ), told as (
        select
            history.*, whole.status as whole_status, whole.completed_at as whole_completed_at,
            whole.started_at as whole_started_at,
            whole.event_key is null
                or (history.happened_at, history.event_key) >= (whole.happened_at, whole.event_key) as counts
        from touched
        inner join lms.lesson_progress_history as history using (tenant_id, lesson_id, user_id)
        left join lateral (
            select * from lms.lesson_progress_history as whole
            where whole.tenant_id = touched.tenant_id and whole.lesson_id = touched.lesson_id
                and whole.user_id = touched.user_id and whole.is_whole
            order by whole.happened_at desc, whole.event_key desc
            limit 1
        ) as whole on true
    ), folded as (
        select
            tenant_id, lesson_id, user_id,
            coalesce(
                min(whole_completed_at), min(completed_at) filter (where counts or whole_status = 'completed')
            ) as completed_at,
            coalesce(min(whole_started_at), min(started_at) filter (where counts)) as started_at,
            (array_agg(progress_pct order by happened_at desc, event_key desc)
                filter (where counts and progress_pct is not null))[1] as progress_pct,
            bool_or(whole_status = 'completed') as is_said_completed,
            bool_or((counts and not is_whole) or whole_status = 'in_progress') as is_begun
        from told
        group by tenant_id, lesson_id, user_id
    )
    select
        tenant_id, lesson_id, user_id, completed_at, started_at, progress_pct,
        case
            when completed_at is not null or is_said_completed then 'completed'
            when is_begun then 'in_progress'
            else 'not_started'
        end as status
    from folded
) as told
on known.tenant_id = told.tenant_id and known.lesson_id = told.lesson_id and known.user_id = told.user_id
when matched and row(known.status, known.progress_pct, known.started_at, known.completed_at)
    is distinct from row(told.status, told.progress_pct, told.started_at, told.completed_at)
then update set
    status = told.status, progress_pct = told.progress_pct, started_at = told.started_at,
    completed_at = told.completed_at, batch_id = %(batch_id)s
when not matched then insert
    (tenant_id, lesson_id, user_id, status, progress_pct, started_at, completed_at, batch_id)
values (
    told.tenant_id, told.lesson_id, told.user_id, told.status, told.progress_pct, told.started_at, told.completed_at,
    %(batch_id)s
)
"""

# Since when it has been said, without being taken back, that the course is completed.
SEE_COMPLETIONS = """
update lms.enrollments as known set completed_seen_at = fresh.seen_at, batch_id = %(batch_id)s
from (
    with touched as (
        select distinct told.tenant_id, told.course_id, told.user_id
        from staged_enrollment_history as told inner join lms.enrollments using (tenant_id, course_id, user_id)
        where told.status = 'completed' or told.completed_at is not null or enrollments.completed_seen_at is not null
    )
    select
        touched.tenant_id, touched.course_id, touched.user_id,
        min(history.happened_at) filter (
            where (history.status = 'completed' or history.completed_at is not null) and (
                denial.event_key is null
                or (history.happened_at, history.event_key) > (denial.happened_at, denial.event_key)
            )
        ) as seen_at
    from touched
    inner join lms.enrollment_history as history using (tenant_id, course_id, user_id)
    left join lateral (
        select denial.happened_at, denial.event_key from lms.enrollment_history as denial
        where denial.tenant_id = touched.tenant_id and denial.course_id = touched.course_id
            and denial.user_id = touched.user_id and denial.says_completion and denial.completed_at is null
            and denial.status is distinct from 'completed'
        order by denial.happened_at desc, denial.event_key desc
        limit 1
    ) as denial on true
    group by touched.tenant_id, touched.course_id, touched.user_id
) as fresh
where known.tenant_id = fresh.tenant_id and known.course_id = fresh.course_id and known.user_id = fresh.user_id
    and known.completed_seen_at is distinct from fresh.seen_at
"""


def merge_staged(connection: Connection, batch_id: int, staged: Collection[str]) -> None:
    """`staged` names the tables that there is something for."""
    parameters = {"batch_id": batch_id}
    for table in TABLES:
        if table.name in staged:
            connection.execute(merge_sql(table), parameters)
    for history in HISTORIES:
        if history.name in staged:
            connection.execute(append_sql(history), parameters)
    for kind, (name, key, group) in CHILDREN.items():
        if name in staged or "listings" in staged:
            connection.execute(_remove_sql(kind, name, key, group), parameters)
    if "lesson_progress_history" in staged:
        connection.execute(FOLD_PROGRESS, parameters)
    if "enrollment_history" in staged:
        connection.execute(SEE_COMPLETIONS, parameters)


def _remove_sql(kind: str, table: str, key: tuple[str, ...], group: str) -> str:
    same = " and ".join(f"child.{name} = fresh.{name}" for name in ("tenant_id", *key))
    return REMOVE.format(kind=kind, table=table, key=", ".join(key), group=group, same=same)
