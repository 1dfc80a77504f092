with days as (
    select
        tenant_id,
        course_id,
        sum(statements) as statements,
        sum(active_seconds::numeric) as active_seconds
    from {{ ref('fct_daily_engagement') }}
    where course_id is not null
    group by tenant_id, course_id
),

courses as (
    select
        tenant_id,
        course_id,
        sum(statements + staff_statements + not_enrolled_statements + unmatched_statements) as statements,
        sum((
            active_seconds + staff_active_seconds + not_enrolled_active_seconds + unmatched_active_seconds
        )::numeric) as active_seconds
    from {{ ref('mart_course_engagement') }}
    group by tenant_id, course_id
)

select
    coalesce(days.tenant_id, courses.tenant_id) as tenant_id,
    coalesce(days.course_id, courses.course_id) as course_id
from days
full join courses on days.tenant_id = courses.tenant_id and days.course_id = courses.course_id
where
    days.statements is distinct from courses.statements
    or abs(coalesce(days.active_seconds, 0) - coalesce(courses.active_seconds, 0)) > 0.01
