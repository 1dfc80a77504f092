with batches as (select * from {{ ref('stg_ingest__new_batches') }}),

batch_tenants as (select * from {{ source('ingest', 'batch_tenants') }})

select
    batch_tenants.tenant_id,
    batch_tenants.batch_id
from batches
inner join batch_tenants on batches.batch_id = batch_tenants.batch_id
