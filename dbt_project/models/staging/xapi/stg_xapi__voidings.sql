with statement_references as (select * from {{ source('xapi', 'statement_references') }})

select
    tenant_id,
    target_id,
    statement_id,
    batch_id
from statement_references
where is_voiding
