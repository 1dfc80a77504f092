{{ config(key=['tenant_id', 'started_day'], scope='session_days') }}

with sessions as (
    select * from {{ ref('fct_sessions') }} where {{ touched('session_days', 'fct_sessions') }}
)

select
    tenant_id,
    started_day,
    count(*) as sessions,
    {{ exact_sum('active_seconds') }} as active_seconds
from sessions
group by tenant_id, started_day
