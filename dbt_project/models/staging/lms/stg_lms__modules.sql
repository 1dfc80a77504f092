with modules as (select * from {{ source('lms', 'modules') }})

select
    tenant_id,
    course_id::text as course_id,
    module_id::text as module_id,
    title,
    position,
    is_listed,
    removed_at,
    batch_id
from modules
