-- Of the batches that the marts have: none is missing, none is there that is not stored.
with stored as (
    select
        statements.tenant_id,
        statements.statement_id
    from {{ ref('stg_xapi__statements') }} as statements
    inner join {{ ref('stg_ingest__batches') }} as batches on statements.batch_id = batches.batch_id
),

known as (select * from {{ ref('int_statements') }})

select
    stored.statement_id as stored,
    known.statement_id as known
from stored
full join known on stored.tenant_id = known.tenant_id and stored.statement_id = known.statement_id
where stored.statement_id is null or known.statement_id is null
