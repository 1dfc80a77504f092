{{ config(key=['tenant_id', 'dimension', 'value']) }}

with midpoints as (
    select midpoints.*
    from {{ ref('int_risk_midpoints') }} as midpoints
    cross join {{ source('refresh', 'current') }} as refresh
    where midpoints.end_at < refresh.as_of
),

users as (select * from {{ ref('stg_lms__users') }}),

grouped as (
    select
        midpoints.*,
        'all' as dimension,
        'all' as value
    from midpoints
    union all
    select
        midpoints.*,
        'cohort' as dimension,
        midpoints.cohort as value
    from midpoints
    where midpoints.cohort is not null
    union all
    select
        midpoints.*,
        attributes.name as dimension,
        attributes.value
    from midpoints
    inner join users on midpoints.tenant_id = users.tenant_id and midpoints.user_id = users.user_id
    cross join lateral jsonb_each_text(users.attributes) as attributes (name, value)
    where attributes.value <> ''
),

counted as (
    select
        tenant_id,
        dimension,
        value,
        count(distinct learner_key) as learners,
        count(*) as enrollments,
        count(*) filter (where is_flagged and is_completed) as flagged_completed,
        count(*) filter (where is_flagged and not is_completed) as flagged_not,
        count(*) filter (where not is_flagged and is_completed) as passed_over_completed,
        count(*) filter (where not is_flagged and not is_completed) as passed_over_not
    from grouped
    group by tenant_id, dimension, value
)

-- What is said of fewer than ten could be told of each of them.
select
    *,
    {{ share('flagged_completed', 'flagged_completed + passed_over_completed') }} as false_positive_rate,
    {{ share('passed_over_not', 'passed_over_not + flagged_not') }} as false_negative_rate
from counted
where learners >= 10
