with lessons as (select * from {{ source('lms', 'lessons') }})

select
    tenant_id,
    lesson_id::text as lesson_id,
    course_id::text as course_id,
    module_id::text as module_id,
    title,
    position,
    content_type,
    duration_min::double precision as duration_min,
    required,
    activity_iri::text as activity_iri,
    external_id::text as external_id,
    is_listed,
    removed_at,
    batch_id
from lessons
