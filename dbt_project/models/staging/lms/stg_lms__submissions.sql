with submissions as (select * from {{ source('lms', 'submissions') }})

select
    tenant_id,
    assessment_id::text as assessment_id,
    user_id::text as user_id,
    attempt_number,
    status,
    score::double precision as score,
    submitted_at,
    graded_at,
    external_id::text as external_id,
    batch_id
from submissions
