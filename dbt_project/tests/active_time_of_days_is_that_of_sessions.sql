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
    coalesce(days.tenant_id, sessions.tenant_id) as tenant_id,
    coalesce(days.learner_key, sessions.learner_key) as learner_key
from days
full join sessions on days.tenant_id = sessions.tenant_id and days.learner_key = sessions.learner_key
where
    days.statements is distinct from sessions.statements
    or abs(coalesce(days.active_seconds, 0) - coalesce(sessions.active_seconds, 0)) > 0.001
