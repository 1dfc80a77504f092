with sessions as (
    select
        tenant_id,
        learner_key,
        started_at,
        lag(last_at) over (partition by tenant_id, learner_key order by started_at) as previous_at
    from {{ ref('fct_sessions') }}
)

select *
from sessions
where started_at - previous_at <= interval '30 minutes'
