-- The newest week says what the tenant's other marts say.
with newest as (
    select distinct on (tenant_id) *
    from {{ ref('mart_tenant_weeks') }}
    order by tenant_id asc, day desc
)

select overview.tenant_id
from {{ ref('mart_tenant_overview') }} as overview
left join newest on overview.tenant_id = newest.tenant_id
where
    newest.enrolled is distinct from overview.enrolled or newest.completed is distinct from overview.completed
    or newest.dau is distinct from overview.dau or newest.wau is distinct from overview.wau
    or newest.mau is distinct from overview.mau
