{{ config(key=['tenant_id', 'course_id', 'cohort', 'week']) }}

with members as (select * from {{ ref('int_cohort_members') }}),

weeks as (select * from {{ ref('int_cohort_weeks') }}),

tenants as (
    select
        tenants.tenant_id,
        (refresh.as_of at time zone tenants.time_zone)::date as today
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join {{ source('refresh', 'current') }} as refresh
),

cohorts as (
    select
        tenant_id,
        course_id,
        cohort,
        count(*) as members,
        min(enrolled_day) as first_day,
        max(enrolled_day) as last_day
    from members
    group by tenant_id, course_id, cohort
),

begun as (
    select
        cohorts.*,
        numbers.week,
        cohorts.last_day + 7 * (numbers.week + 1) <= tenants.today as is_over
    from cohorts
    inner join tenants on cohorts.tenant_id = tenants.tenant_id
    cross join lateral generate_series(0, (tenants.today - cohorts.first_day) / 7) as numbers (week)
    where cohorts.first_day <= tenants.today
)

select
    begun.tenant_id,
    begun.course_id,
    begun.cohort,
    begun.week,
    begun.members,
    case when begun.is_over then coalesce(weeks.active, 0) end as active,
    case when begun.is_over then {{ share('coalesce(weeks.active, 0)', 'begun.members') }} end as retention
from begun
left join weeks
    on
        begun.tenant_id = weeks.tenant_id
        and begun.course_id = weeks.course_id
        and begun.cohort = weeks.cohort
        and begun.week = weeks.week
