{{ config(key=['tenant_id', 'learner_key', 'measure', 'day'], scope='learners',
    touches={'tenant_days': ['tenant_id', 'day']}, indexes=[['tenant_id', 'day']]) }}

with active as (
    select distinct
        tenant_id,
        learner_key,
        day
    from {{ ref('fct_daily_engagement') }}
    where
        {{ touched('learners', 'fct_daily_engagement') }}
        and statements > 0
        and standing in ('learner', 'not_enrolled')
),

measures as (
    select *
    from (values ('day', 1), ('week', 7), ('month', 30)) as measures (measure, days)
),

runs as (
    select
        active.tenant_id,
        active.learner_key,
        measures.measure,
        active.day,
        active.day + measures.days as day_after,
        lag(active.day + measures.days) over of_learner as day_after_last,
        lead(active.day) over of_learner as next_day
    from active
    cross join measures
    window of_learner as (partition by active.tenant_id, active.learner_key, measures.measure order by active.day)
)

select
    tenant_id,
    learner_key,
    measure,
    day,
    1 as change
from runs
where day_after_last is null or day > day_after_last
union all
select
    tenant_id,
    learner_key,
    measure,
    day_after as day,
    -1 as change
from runs
where next_day is null or next_day > day_after
