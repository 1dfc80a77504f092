with history as (select * from {{ source('lms', 'enrollment_history') }})

select
    tenant_id,
    course_id::text as course_id,
    user_id::text as user_id,
    happened_at,
    event_key::bytea as event_key,
    status,
    enrolled_at,
    completed_at,
    due_at,
    batch_id
from history
