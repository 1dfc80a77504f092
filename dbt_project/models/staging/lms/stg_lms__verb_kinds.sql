with verb_kinds as (select * from {{ source('lms', 'verb_kinds') }})

select
    tenant_id,
    verb_key,
    kind,
    batch_id
from verb_kinds
