with candidates as (select * from {{ source('lms', 'activity_candidates') }})

select
    tenant_id,
    activity_key,
    rank,
    course_id::text as course_id,
    lesson_id::text as lesson_id,
    assessment_id::text as assessment_id
from candidates
