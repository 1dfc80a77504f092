{{ config(key=['tenant_id', 'course_id', 'cohort', 'due_day', 'day']) }}
{%- set weeks = 9 %}

-- The states of mart_compliance now, and at the same time of each week before.
with refresh as (select as_of from {{ source('refresh', 'current') }}),

points as (
    select
        tenants.tenant_id,
        refresh.as_of - weeks.ago * interval '7 days' as then_at,
        -- Of now, all that is known counts, also what claims to be later.
        case when weeks.ago = 0 then 'infinity' else refresh.as_of - weeks.ago * interval '7 days' end as known_until,
        (refresh.as_of at time zone tenants.time_zone)::date - 7 * weeks.ago as day
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join refresh
    cross join generate_series(0, {{ weeks - 1 }}) as weeks (ago)
),

enrolled as (
    select * from {{ ref('int_enrolled_learners') }} where due_at is not null and status <> 'withdrawn'
),

states as (
    select
        enrolled.tenant_id,
        enrolled.course_id,
        enrolled.cohort,
        (enrolled.due_at at time zone 'UTC')::date as due_day,
        points.day,
        case
            when enrolled.completed_at <= points.known_until
                then case when enrolled.completed_at <= enrolled.due_at then 'on_time' else 'late' end
            when enrolled.waived_at <= points.known_until then 'waived'
            when points.then_at <= enrolled.due_at then 'open'
            else 'overdue'
        end as state
    from enrolled
    inner join points on enrolled.tenant_id = points.tenant_id and enrolled.enrolled_at <= points.known_until
)

select
    tenant_id,
    course_id,
    cohort,
    due_day,
    day,
    {%- for state in ['on_time', 'late', 'waived', 'open', 'overdue'] %}
    count(*) filter (where state = '{{ state }}') as {{ state }}{{ ',' if not loop.last }}
    {%- endfor %}
from states
group by tenant_id, course_id, cohort, due_day, day
