with statements as (select * from {{ source('xapi', 'statements') }})

select
    tenant_id,
    statement_id,
    stored,
    timestamp as claimed_at,
    verb_key,
    actor_key,
    object_key,
    registration,
    credential_id,
    batch_id,
    statement
from statements
