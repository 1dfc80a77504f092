with instructors as (select * from {{ source('lms', 'course_instructors') }})

select
    tenant_id,
    course_id::text as course_id,
    user_id::text as user_id,
    is_listed,
    removed_at,
    batch_id
from instructors
where is_listed and removed_at is null
