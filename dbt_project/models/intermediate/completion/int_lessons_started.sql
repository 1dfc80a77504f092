{{ config(
    key=['tenant_id', 'course_id', 'lesson_id', 'learner_key'],
    scope='learners',
    touches={'courses': ['tenant_id', 'course_id']},
    indexes=[['tenant_id', 'learner_key']]
) }}

-- Lessons that a student had begun, and whether they are completed, by those who have not withdrawn.
with enrolled as (
    select * from {{ ref('int_enrolled_learners') }} as enrolled
    where {{ touched('learners', 'enrolled') }} and enrolled.status <> 'withdrawn'
),

lessons as (select * from {{ ref('stg_lms__lessons') }}),

statements as (
    select * from {{ ref('fct_statement_learners') }} as statements
    where {{ touched('learners', 'statements') }}
),

progress as (
    select *
    from (
        select
            *,
            'u:' || user_id as learner_key
        from {{ ref('stg_lms__lesson_progress') }}
    ) as progress
    where {{ touched('learners', 'progress') }}
),

completed as (
    select * from {{ ref('fct_lesson_completion') }} as completed
    where {{ touched('learners', 'completed') }}
),

begun as (
    select
        tenant_id,
        learner_key,
        lesson_id,
        false as is_completed
    from statements
    where lesson_id is not null and kind <> 'graded'
    union all
    select
        tenant_id,
        learner_key,
        lesson_id,
        false as is_completed
    from progress
    union all
    select
        tenant_id,
        learner_key,
        lesson_id,
        true as is_completed
    from completed
)

select
    enrolled.tenant_id,
    enrolled.course_id,
    begun.lesson_id,
    enrolled.learner_key,
    bool_or(begun.is_completed) as is_completed
from begun
inner join lessons on begun.tenant_id = lessons.tenant_id and begun.lesson_id = lessons.lesson_id
inner join enrolled
    on
        begun.tenant_id = enrolled.tenant_id and begun.learner_key = enrolled.learner_key
        and lessons.course_id = enrolled.course_id
group by enrolled.tenant_id, enrolled.course_id, begun.lesson_id, enrolled.learner_key
