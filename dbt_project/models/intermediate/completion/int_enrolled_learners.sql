{{ config(
    key=['tenant_id', 'course_id', 'learner_key'],
    scope='learners',
    touches={'courses': ['tenant_id', 'course_id']},
    indexes=[['tenant_id', 'learner_key']]
) }}

-- Each student's enrolment with what became of it.
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

completions as (
    select * from {{ ref('fct_course_completion') }} as completions
    where {{ touched('learners', 'completions') }}
),

waivers as (
    select * from {{ ref('int_course_waivers') }} as waivers
    where {{ touched('learners', 'waivers') }}
),

lessons as (
    select * from {{ ref('fct_lesson_completion') }} as lessons
    where {{ touched('learners', 'lessons') }}
),

required as (
    select *
    from {{ ref('stg_lms__content_periods') }}
    where kind = 'lesson' and required and ends_at = 'infinity'
),

-- All that is required today, visited or not.
progress as (
    select
        enrollments.tenant_id,
        enrollments.learner_key,
        enrollments.course_id,
        count(*) as required_lessons,
        count(lessons.lesson_id) as completed_lessons
    from enrollments
    inner join required on enrollments.tenant_id = required.tenant_id and enrollments.course_id = required.course_id
    left join lessons
        on
            enrollments.tenant_id = lessons.tenant_id and enrollments.learner_key = lessons.learner_key
            and required.content_id = lessons.lesson_id
    group by enrollments.tenant_id, enrollments.learner_key, enrollments.course_id
)

select
    enrollments.tenant_id,
    enrollments.course_id,
    enrollments.learner_key,
    enrollments.user_id,
    enrollments.status,
    enrollments.cohort,
    enrollments.enrolled_at,
    enrollments.due_at,
    waivers.waived_at,
    waivers.statement_id as waiver_statement_id,
    completions.completed_at,
    completions.evidence,
    completions.statement_id,
    completions.credential_id,
    coalesce(progress.required_lessons, 0) as required_lessons,
    coalesce(progress.completed_lessons, 0) as completed_lessons
from enrollments
inner join users on enrollments.tenant_id = users.tenant_id and enrollments.user_id = users.user_id
{%- for known in ['completions', 'waivers', 'progress'] %}
left join {{ known }}
    on
        enrollments.tenant_id = {{ known }}.tenant_id and enrollments.learner_key = {{ known }}.learner_key
        and enrollments.course_id = {{ known }}.course_id
{%- endfor %}
