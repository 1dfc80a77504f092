{{ config(key=['tenant_id', 'course_id', 'day']) }}
{%- set weeks = 9 %}

-- A course now, and at the same time of each week before, so that a number can be shown with its change.
with refresh as (select as_of from {{ source('refresh', 'current') }}),

points as (
    select
        tenants.tenant_id,
        weeks.ago,
        -- Of now, all that is known counts, also what claims to be later.
        case when weeks.ago = 0 then 'infinity' else refresh.as_of - weeks.ago * interval '7 days' end as moment,
        (refresh.as_of at time zone tenants.time_zone)::date - 7 * weeks.ago as day,
        refresh.as_of at time zone tenants.time_zone as local_as_of
    from {{ ref('stg_lms__tenants') }} as tenants
    cross join refresh
    cross join generate_series(0, {{ weeks - 1 }}) as weeks (ago)
),

enrolled as (
    select * from {{ ref('int_enrolled_learners') }} where status <> 'withdrawn' and waived_at is null
),

required as (
    select *
    from {{ ref('stg_lms__content_periods') }}
    where kind = 'lesson' and required and ends_at = 'infinity'
),

lessons as (
    select
        done.tenant_id,
        done.course_id,
        done.learner_key,
        array[
            {%- for ago in range(weeks) %}
            count(*) filter (where done.completed_at <= refresh.as_of - interval '{{ 7 * ago }} days')
            {{- ',' if not loop.last }}
            {%- endfor %}
        ] as completed
    from {{ ref('fct_lesson_completion') }} as done
    inner join required on done.tenant_id = required.tenant_id and done.lesson_id = required.content_id
    cross join refresh
    group by done.tenant_id, done.course_id, done.learner_key
),

people as (
    select
        enrolled.tenant_id,
        enrolled.course_id,
        points.ago,
        enrolled.completed_at <= points.moment as is_completed,
        case when points.ago = 0 then enrolled.completed_lessons else coalesce(lessons.completed[points.ago + 1], 0) end
        / nullif(enrolled.required_lessons, 0)::double precision as progress
    from enrolled
    inner join points on enrolled.tenant_id = points.tenant_id and enrolled.enrolled_at <= points.moment
    left join lessons
        on
            enrolled.tenant_id = lessons.tenant_id and enrolled.course_id = lessons.course_id
            and enrolled.learner_key = lessons.learner_key
),

courses as (
    select
        tenant_id,
        course_id,
        ago,
        count(*) as enrolled,
        count(*) filter (where is_completed) as completed,
        percentile_cont(0.5) within group (order by progress) as median_progress
    from people
    group by tenant_id, course_id, ago
),

activity as (
    select
        engagement.tenant_id,
        engagement.course_id,
        points.ago,
        count(distinct engagement.learner_key) as active_learners,
        {{ exact_sum('engagement.active_seconds') }} as active_seconds
    from {{ ref('fct_daily_engagement') }} as engagement
    inner join points
        on
            engagement.tenant_id = points.tenant_id
            and engagement.day > points.day - 7 and engagement.day <= points.day
    where engagement.standing = 'learner'
    group by engagement.tenant_id, engagement.course_id, points.ago
),

firsts as (
    select
        tenant_id,
        course_id,
        assessment_id,
        learner_key,
        min(submitted_at) filter (where passed is not null) as graded_at,
        min(submitted_at) filter (where passed) as passed_at
    from {{ ref('fct_assessment_attempts') }}
    where standing = 'learner'
    group by tenant_id, course_id, assessment_id, learner_key
),

grades as (
    select
        firsts.tenant_id,
        firsts.course_id,
        points.ago,
        count(*) filter (where firsts.graded_at <= points.moment) as graded,
        count(*) filter (where firsts.passed_at <= points.moment) as passed
    from firsts
    inner join points on firsts.tenant_id = points.tenant_id
    group by firsts.tenant_id, firsts.course_id, points.ago
)

select
    courses.tenant_id,
    courses.course_id,
    points.day,
    points.local_as_of as as_of,
    courses.enrolled,
    courses.completed,
    courses.median_progress,
    coalesce(activity.active_learners, 0) as active_learners,
    coalesce(activity.active_seconds, 0) as active_seconds,
    coalesce(grades.graded, 0) as graded,
    coalesce(grades.passed, 0) as passed
from courses
inner join points on courses.tenant_id = points.tenant_id and courses.ago = points.ago
{%- for part in ['activity', 'grades'] %}
left join {{ part }}
    on
        courses.tenant_id = {{ part }}.tenant_id and courses.course_id = {{ part }}.course_id
        and courses.ago = {{ part }}.ago
{%- endfor %}
