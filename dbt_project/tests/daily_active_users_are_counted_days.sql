with counted as (
    select
        tenant_id,
        day,
        count(distinct learner_key) as learners
    from {{ ref('fct_daily_engagement') }}
    where statements > 0 and standing in ('learner', 'not_enrolled')
    group by tenant_id, day
)

select
    activity.tenant_id,
    activity.day
from {{ ref('mart_tenant_activity') }} as activity
left join counted on activity.tenant_id = counted.tenant_id and activity.day = counted.day
where activity.dau <> coalesce(counted.learners, 0)
