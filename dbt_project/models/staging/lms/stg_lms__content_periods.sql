with periods as (select * from {{ source('lms', 'content_periods') }})

select
    tenant_id,
    kind,
    content_id,
    course_id::text as course_id,
    required,
    starts_at,
    ends_at
from periods
