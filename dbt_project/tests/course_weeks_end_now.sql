-- The newest week says what the course's own marts say.
with newest as (
    select distinct on (tenant_id, course_id) *
    from {{ ref('mart_course_weeks') }}
    order by tenant_id asc, course_id asc, day desc
),

comparison as (select * from {{ ref('mart_course_comparison') }})

select comparison.*
from comparison
left join newest on comparison.tenant_id = newest.tenant_id and comparison.course_id = newest.course_id
where
    coalesce(newest.enrolled, 0) <> comparison.enrolled
    or coalesce(newest.completed, 0) <> comparison.completed
    or newest.median_progress is distinct from comparison.median_progress
    or newest.passed::double precision / nullif(newest.graded, 0) is distinct from comparison.pass_rate
