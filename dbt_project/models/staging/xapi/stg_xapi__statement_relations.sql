with relations as (select * from {{ source('xapi', 'statement_relations') }})

select
    tenant_id,
    related_key,
    statement_id
from relations
