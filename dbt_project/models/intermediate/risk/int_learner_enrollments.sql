{{ config(key=['tenant_id', 'course_id', 'learner_key'], scope='learners') }}

with enrolled as (
    select * from {{ ref('int_enrolled_learners') }} as enrolled where {{ touched('learners', 'enrolled') }}
),

courses as (select * from {{ ref('stg_lms__courses') }}),

steps as (select * from {{ ref('int_learner_steps') }} as steps where {{ touched('learners', 'steps') }}),

lesson_completions as (
    select * from {{ ref('fct_lesson_completion') }} as completions where {{ touched('learners', 'completions') }}
),

attempts as (
    select * from {{ ref('fct_assessment_attempts') }} as attempts where {{ touched('learners', 'attempts') }}
),

required as (
    select * from {{ ref('stg_lms__content_periods') }}
    where kind = 'assessment' and required and ends_at = 'infinity'
),

activity as (
    select
        tenant_id,
        learner_key,
        course_id,
        count(*) as statements,
        max(occurred_at) as last_active_at,
        {{ seconds('busy_until - occurred_at') }} as active_seconds
    from steps
    where course_id is not null
    group by tenant_id, learner_key, course_id
),

lessons as (
    select
        tenant_id,
        learner_key,
        course_id,
        count(*) as lessons_completed
    from lesson_completions
    group by tenant_id, learner_key, course_id
),

grades as (
    select
        attempts.tenant_id,
        attempts.learner_key,
        attempts.course_id,
        {{ exact_mean('case when attempts.is_best then attempts.share end') }} as mean_best_share,
        sum(attempts.share::numeric) filter (where attempts.is_best and attempts.passing_share is not null)
            as sum_of_bests,
        sum(attempts.passing_share::numeric) filter (where attempts.is_best) as sum_of_passing_shares,
        bool_or(attempts.is_last and not attempts.passed and required.content_id is not null) as has_failed
    from attempts
    left join required
        on
            attempts.tenant_id = required.tenant_id
            and attempts.course_id = required.course_id
            and attempts.assessment_id = required.content_id
    group by attempts.tenant_id, attempts.learner_key, attempts.course_id
)

select
    enrolled.tenant_id,
    enrolled.course_id,
    enrolled.learner_key,
    enrolled.user_id,
    enrolled.cohort,
    enrolled.status,
    enrolled.enrolled_at,
    enrolled.due_at,
    coalesce(
        enrolled.due_at, enrolled.enrolled_at + courses.length_days * interval '24 hours', courses.ends_at
    ) as end_at,
    enrolled.completed_at,
    enrolled.waived_at,
    enrolled.required_lessons,
    enrolled.completed_lessons,
    coalesce(lessons.lessons_completed, 0) as lessons_completed,
    activity.last_active_at,
    coalesce(activity.active_seconds, 0) as active_seconds,
    coalesce(activity.statements, 0) as statements,
    grades.mean_best_share,
    grades.sum_of_bests,
    grades.sum_of_passing_shares,
    coalesce(grades.has_failed, false) as failed_last
from enrolled
inner join courses on enrolled.tenant_id = courses.tenant_id and enrolled.course_id = courses.course_id
{%- for known in ['activity', 'lessons', 'grades'] %}
left join {{ known }}
    on
        enrolled.tenant_id = {{ known }}.tenant_id
        and enrolled.learner_key = {{ known }}.learner_key
        and enrolled.course_id = {{ known }}.course_id
{%- endfor %}
