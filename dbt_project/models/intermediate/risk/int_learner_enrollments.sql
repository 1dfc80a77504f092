{{ config(key=['tenant_id', 'course_id', 'learner_key'], scope='learners') }}

with enrollments as (
    select *
    from (
        select
            *,
            'u:' || user_id as learner_key
        from {{ ref('stg_lms__enrollments') }}
    ) as enrollments
    where {{ touched('learners', 'enrollments') }}
),

users as (select * from {{ ref('stg_lms__users') }} where role = 'student'),

courses as (select * from {{ ref('stg_lms__courses') }}),

steps as (select * from {{ ref('int_learner_steps') }} where {{ touched('learners', 'int_learner_steps') }}),

completions as (select * from {{ ref('fct_course_completion') }}),

waivers as (select * from {{ ref('int_course_waivers') }}),

lesson_completions as (
    select * from {{ ref('fct_lesson_completion') }} where {{ touched('learners', 'fct_lesson_completion') }}
),

attempts as (
    select * from {{ ref('fct_assessment_attempts') }} where {{ touched('learners', 'fct_assessment_attempts') }}
),

required as (
    select *
    from {{ ref('stg_lms__content_periods') }}
    where required and ends_at = 'infinity'
),

required_counts as (
    select
        tenant_id,
        course_id,
        count(*) as required_lessons
    from required
    where kind = 'lesson'
    group by tenant_id, course_id
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
        lesson_completions.tenant_id,
        lesson_completions.learner_key,
        lesson_completions.course_id,
        count(*) as lessons_completed,
        count(required.content_id) as required_completed
    from lesson_completions
    left join required
        on
            required.kind = 'lesson'
            and lesson_completions.tenant_id = required.tenant_id
            and lesson_completions.course_id = required.course_id
            and lesson_completions.lesson_id = required.content_id
    group by lesson_completions.tenant_id, lesson_completions.learner_key, lesson_completions.course_id
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
            required.kind = 'assessment'
            and attempts.tenant_id = required.tenant_id
            and attempts.course_id = required.course_id
            and attempts.assessment_id = required.content_id
    group by attempts.tenant_id, attempts.learner_key, attempts.course_id
)

select
    enrollments.tenant_id,
    enrollments.course_id,
    enrollments.learner_key,
    enrollments.user_id,
    enrollments.cohort,
    enrollments.status,
    enrollments.enrolled_at,
    enrollments.due_at,
    coalesce(
        enrollments.due_at, enrollments.enrolled_at + courses.length_days * interval '24 hours', courses.ends_at
    ) as end_at,
    completions.completed_at,
    waivers.waived_at,
    coalesce(required_counts.required_lessons, 0) as required_lessons,
    coalesce(lessons.required_completed, 0) as completed_lessons,
    coalesce(lessons.lessons_completed, 0) as lessons_completed,
    activity.last_active_at,
    coalesce(activity.active_seconds, 0) as active_seconds,
    coalesce(activity.statements, 0) as statements,
    grades.mean_best_share,
    grades.sum_of_bests,
    grades.sum_of_passing_shares,
    coalesce(grades.has_failed, false) as failed_last
from enrollments
inner join users on enrollments.tenant_id = users.tenant_id and enrollments.user_id = users.user_id
inner join courses on enrollments.tenant_id = courses.tenant_id and enrollments.course_id = courses.course_id
left join required_counts
    on enrollments.tenant_id = required_counts.tenant_id and enrollments.course_id = required_counts.course_id
{%- for known in ['completions', 'waivers', 'activity', 'lessons', 'grades'] %}
left join {{ known }}
    on
        enrollments.tenant_id = {{ known }}.tenant_id
        and enrollments.learner_key = {{ known }}.learner_key
        and enrollments.course_id = {{ known }}.course_id
{%- endfor %}
