with tenants as (select * from {{ source('control', 'tenants') }})

select
    tenant_id,
    slug,
    name,
    plan,
    time_zone,
    is_active,
    batch_id
from tenants
