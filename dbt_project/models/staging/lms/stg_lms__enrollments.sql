with enrollments as (select * from {{ source('lms', 'enrollments') }})

select
    tenant_id,
    course_id::text as course_id,
    user_id::text as user_id,
    status,
    enrolled_at,
    completed_at,
    completed_seen_at,
    due_at,
    cohort,
    batch_id
from enrollments
