{{ config(key=['tenant_id', 'day']) }}

with changes as (select * from {{ ref('int_tenant_day_changes') }}),

tenants as (
    select
        tenants.tenant_id,
        (refresh.as_of at time zone tenants.time_zone)::date as today
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join {{ source('refresh', 'current') }} as refresh
),

first_days as (
    select
        tenant_id,
        min(day) as first_day
    from changes
    group by tenant_id
),

days as (
    select
        tenants.tenant_id,
        days.day::date as day
    from tenants
    inner join first_days on tenants.tenant_id = first_days.tenant_id
    cross join lateral generate_series(
        first_days.first_day::timestamp, tenants.today::timestamp, interval '1 day'
    ) as days (day)
),

running as (
    select
        days.tenant_id,
        days.day,
        sum(changes.day_change) over until_day as dau,
        sum(changes.week_change) over until_day as wau,
        sum(changes.month_change) over until_day as mau
    from days
    left join changes on days.tenant_id = changes.tenant_id and days.day = changes.day
    window until_day as (partition by days.tenant_id order by days.day)
)

select
    tenant_id,
    day,
    dau::bigint as dau,
    wau::bigint as wau,
    mau::bigint as mau,
    {{ share('dau', 'mau') }} as stickiness
from running
