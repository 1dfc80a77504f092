{{ config(key=['tenant_id', 'course_id']) }}

with completions as (select * from {{ ref('mart_course_completion') }}),

courses as (select * from {{ ref('stg_lms__courses') }}),

engagement as (
    select
        tenant_id,
        course_id,
        {{ exact_sum('active_seconds') }} as active_seconds
    from {{ ref('mart_course_engagement') }}
    group by tenant_id, course_id
),

grades as (
    select
        tenant_id,
        course_id,
        {{ share('sum(passed)', 'sum(graded)') }} as pass_rate,
        {{ share('sum((mean_best_share * with_share)::numeric)', 'sum(with_share)') }} as mean_best_share
    from {{ ref('mart_assessment_summary') }}
    group by tenant_id, course_id
),

risks as (
    select
        tenant_id,
        course_id,
        count(*) as candidates,
        count(*) filter (where at_risk) as at_risk
    from {{ ref('mart_learners_at_risk') }}
    group by tenant_id, course_id
)

select
    completions.tenant_id,
    completions.course_id,
    courses.title,
    courses.status,
    completions.enrolled,
    completions.completed,
    completions.completion_rate,
    completions.withdrawn,
    completions.waived,
    completions.median_progress,
    completions.median_days_to_complete,
    coalesce(engagement.active_seconds, 0) as active_seconds,
    coalesce(engagement.active_seconds, 0)
    / nullif(completions.enrolled + completions.withdrawn + completions.waived, 0) as active_seconds_per_learner,
    grades.pass_rate,
    grades.mean_best_share,
    coalesce(risks.candidates, 0) as candidates,
    coalesce(risks.at_risk, 0) as at_risk
from completions
inner join courses on completions.tenant_id = courses.tenant_id and completions.course_id = courses.course_id
{%- for part in ['engagement', 'grades', 'risks'] %}
left join {{ part }} on completions.tenant_id = {{ part }}.tenant_id and completions.course_id = {{ part }}.course_id
{%- endfor %}
