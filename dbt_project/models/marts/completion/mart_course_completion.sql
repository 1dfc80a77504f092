{{ config(key=['tenant_id', 'course_id'], scope='courses') }}

with enrolled as (
    select * from {{ ref('int_enrolled_learners') }} as enrolled
    where {{ touched('courses', 'enrolled') }}
),

-- The withdrawn, and those for whom the course was waived, are in neither part of the rate.
counted as (
    select
        *,
        status = 'withdrawn' as is_withdrawn,
        status <> 'withdrawn' and waived_at is not null as is_waived,
        status <> 'withdrawn' and waived_at is null as is_asked,
        completed_lessons / nullif(required_lessons, 0)::double precision as progress,
        extract(epoch from completed_at - enrolled_at)::double precision / 86400 as days
    from enrolled
)

select
    tenant_id,
    course_id,
    count(*) filter (where is_asked) as enrolled,
    count(completed_at) filter (where is_asked) as completed,
    count(completed_at) filter (where is_asked)
    / nullif(count(*) filter (where is_asked), 0)::double precision as completion_rate,
    count(*) filter (where is_withdrawn) as withdrawn,
    count(*) filter (where is_waived) as waived,
    percentile_cont(0.5) within group (order by progress) filter (where is_asked) as median_progress,
    percentile_cont(0.5) within group (order by days) filter (where is_asked) as median_days_to_complete
from counted
group by tenant_id, course_id
