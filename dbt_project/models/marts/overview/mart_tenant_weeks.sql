{{ config(key=['tenant_id', 'day']) }}
{%- set weeks = 52 %}

-- A tenant now, and at the same time of each week before, so that a number can be shown with its change.
with tenants as (
    select
        tenants.tenant_id,
        refresh.as_of,
        refresh.as_of at time zone tenants.time_zone as local_as_of,
        (refresh.as_of at time zone tenants.time_zone)::date as today
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join {{ source('refresh', 'current') }} as refresh
),

enrolled as (
    select * from {{ ref('int_enrolled_learners') }} where status <> 'withdrawn' and waived_at is null
),

-- Now is also what claims to be later.
changes as (
    select
        enrolled.tenant_id,
        greatest(0, floor(extract(epoch from tenants.as_of - changed.at) / 604800))::integer as ago,
        changed.enrolled,
        changed.completed
    from enrolled
    inner join tenants on enrolled.tenant_id = tenants.tenant_id
    cross join lateral (
        values (enrolled.enrolled_at, 1, 0), (greatest(enrolled.enrolled_at, enrolled.completed_at), 0, 1)
    ) as changed (at, enrolled, completed)
    where changed.enrolled = 1 or enrolled.completed_at is not null
),

changed as (
    select
        tenant_id,
        ago,
        sum(enrolled) as enrolled,
        sum(completed) as completed
    from changes
    group by tenant_id, ago
),

points as (
    select
        tenants.tenant_id,
        tenants.local_as_of,
        weeks.ago,
        tenants.today - 7 * weeks.ago as day
    from tenants
    cross join lateral generate_series(
        0, coalesce((select max(changed.ago) from changed where changed.tenant_id = tenants.tenant_id), 0)
    ) as weeks (ago)
),

running as (
    select
        points.tenant_id,
        points.local_as_of,
        points.ago,
        points.day,
        coalesce(changed.enrolled, 0) as newly_enrolled,
        coalesce(changed.completed, 0) as newly_completed,
        sum(changed.enrolled) over until_then as enrolled,
        sum(changed.completed) over until_then as completed
    from points
    left join changed on points.tenant_id = changed.tenant_id and points.ago = changed.ago
    window until_then as (partition by points.tenant_id order by points.ago desc)
),

activity as (select * from {{ ref('mart_tenant_activity') }}),

engagement as (
    select
        engagement.tenant_id,
        greatest(0, (tenants.today - engagement.day) / 7) as ago,
        {{ exact_sum('engagement.active_seconds') }} as active_seconds
    from {{ ref('mart_course_engagement') }} as engagement
    inner join tenants on engagement.tenant_id = tenants.tenant_id
    group by engagement.tenant_id, greatest(0, (tenants.today - engagement.day) / 7)
)

select
    running.tenant_id,
    running.day,
    running.local_as_of as as_of,
    coalesce(running.enrolled, 0)::bigint as enrolled,
    coalesce(running.completed, 0)::bigint as completed,
    running.newly_enrolled::bigint as newly_enrolled,
    running.newly_completed::bigint as newly_completed,
    coalesce(activity.dau, 0) as dau,
    coalesce(activity.wau, 0) as wau,
    coalesce(activity.mau, 0) as mau,
    coalesce(engagement.active_seconds, 0) as active_seconds
from running
left join activity on running.tenant_id = activity.tenant_id and running.day = activity.day
left join engagement on running.tenant_id = engagement.tenant_id and running.ago = engagement.ago
where running.ago < {{ weeks }}
