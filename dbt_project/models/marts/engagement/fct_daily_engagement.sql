{{ config(key=['tenant_id', 'learner_key', 'day', 'course_id'], scope='learners',
    touches={'course_days': ['tenant_id', 'course_id', 'day']},
    indexes=[['tenant_id', 'course_id', 'day'], ['tenant_id', 'day']]) }}

with steps as (
    select * from {{ ref('int_learner_steps') }} where {{ touched('learners', 'int_learner_steps') }}
),

tenants as (select * from {{ ref('stg_lms__tenants') }}),

zoned as (
    select
        steps.*,
        tenants.time_zone,
        ((steps.busy_until - interval '1 microsecond') at time zone tenants.time_zone)::date as last_day
    from steps
    inner join tenants on steps.tenant_id = tenants.tenant_id
),

-- What lasts over midnight is split there: the statement belongs to its own day, the time to each.
spans as (
    select
        *,
        local_day as day,
        1 as statements,
        busy_until - occurred_at as busy
    from zoned
    where last_day <= local_day
    union all
    select
        zoned.*,
        days.day::date as day,
        (days.day::date = zoned.local_day)::integer as statements,
        least(zoned.busy_until, {{ day_begins("days.day::date + 1", 'zoned.time_zone') }})
        - greatest(zoned.occurred_at, {{ day_begins('days.day::date', 'zoned.time_zone') }}) as busy
    from zoned
    cross join lateral generate_series(local_day::timestamp, last_day::timestamp, interval '1 day') as days (day)
    where zoned.last_day > zoned.local_day
)

select
    tenant_id,
    learner_key,
    max(user_id) as user_id,
    day,
    course_id,
    max(standing) as standing,
    {{ seconds('busy') }} as active_seconds,
    sum(statements) as statements
from spans
group by tenant_id, learner_key, day, course_id
