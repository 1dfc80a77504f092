with progress as (select * from {{ source('lms', 'lesson_progress') }})

select
    tenant_id,
    lesson_id::text as lesson_id,
    user_id::text as user_id,
    status,
    progress_pct::double precision as progress_pct,
    started_at,
    completed_at,
    batch_id
from progress
