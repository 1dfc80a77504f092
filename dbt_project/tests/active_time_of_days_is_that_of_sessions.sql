-- What is split at midnight is split without loss.
with days as (
    select
        tenant_id,
        learner_key,
        sum(active_seconds::numeric) as active_seconds,
        sum(statements) as statements
    from {{ ref('fct_daily_engagement') }}
    group by tenant_id, learner_key
),

sessions as (
    select
        tenant_id,
        learner_key,
        sum(active_seconds::numeric) as active_seconds,
        sum(statements) as statements
    from {{ ref('fct_sessions') }}
    group by tenant_id, learner_key
)

select
    tenant_id,
    learner_key
from days
full join sessions using (tenant_id, learner_key)
where
    days.statements is distinct from sessions.statements
    or abs(coalesce(days.active_seconds, 0) - coalesce(sessions.active_seconds, 0)) > 0.001
