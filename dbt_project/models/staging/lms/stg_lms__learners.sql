with learners as (select * from {{ source('lms', 'learners') }})

select
    tenant_id,
    agent_key,
    user_id::text as user_id,
    matched_by,
    is_ambiguous
from learners
