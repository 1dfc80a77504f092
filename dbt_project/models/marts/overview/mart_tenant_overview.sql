{{ config(key=['tenant_id']) }}

with tenants as (
    select
        tenants.tenant_id,
        refresh.as_of,
        (refresh.as_of at time zone tenants.time_zone)::date as today
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join {{ source('refresh', 'current') }} as refresh
),

completions as (
    select
        tenant_id,
        sum(enrolled)::bigint as enrolled,
        sum(completed)::bigint as completed,
        sum(withdrawn)::bigint as withdrawn,
        sum(waived)::bigint as waived
    from {{ ref('mart_course_completion') }}
    group by tenant_id
),

courses as (
    select
        tenant_id,
        count(*) as courses_published
    from {{ ref('stg_lms__courses') }}
    where status = 'published'
    group by tenant_id
),

activity as (select * from {{ ref('mart_tenant_activity') }}),

sessions as (
    select
        tenant_id,
        sum(sessions)::bigint as sessions,
        {{ exact_sum('active_seconds') }} as active_seconds
    from {{ ref('int_session_days') }}
    group by tenant_id
)

select
    tenants.tenant_id,
    tenants.as_of,
    coalesce(completions.enrolled, 0) as enrolled,
    coalesce(completions.completed, 0) as completed,
    coalesce(completions.withdrawn, 0) as withdrawn,
    coalesce(completions.waived, 0) as waived,
    {{ share('completions.completed', 'completions.enrolled') }} as completion_rate,
    coalesce(courses.courses_published, 0) as courses_published,
    coalesce(activity.dau, 0) as dau,
    coalesce(activity.wau, 0) as wau,
    coalesce(activity.mau, 0) as mau,
    activity.stickiness,
    coalesce(sessions.sessions, 0) as sessions,
    coalesce(sessions.active_seconds, 0) as active_seconds
from tenants
left join completions on tenants.tenant_id = completions.tenant_id
left join courses on tenants.tenant_id = courses.tenant_id
left join activity on tenants.tenant_id = activity.tenant_id and tenants.today = activity.day
left join sessions on tenants.tenant_id = sessions.tenant_id
