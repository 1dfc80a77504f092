{{ config(key=['tenant', 'began_at']) }}

-- Also ten minutes in which nothing came, so that a standstill shows.
with refresh as (select as_of from {{ source('refresh', 'current') }}),

slots as (
    select
        tenants.tenant_id,
        tenants.slug,
        slots.began_at
    from {{ source('control', 'tenants') }} as tenants
    cross join refresh
    cross join lateral generate_series(
        date_bin('10 minutes', refresh.as_of, '2000-01-01') - interval '48 hours',
        date_bin('10 minutes', refresh.as_of, '2000-01-01'), interval '10 minutes'
    ) as slots (began_at)
    where tenants.is_active
),

rates as (
    select rates.*
    from {{ ref('int_statement_rate') }} as rates
    cross join refresh
    where rates.began_at >= refresh.as_of - interval '49 hours'
)

select
    slots.slug as tenant,
    slots.began_at,
    coalesce(rates.statements, 0) as statements
from slots
left join rates on slots.tenant_id = rates.tenant_id and slots.began_at = rates.began_at
