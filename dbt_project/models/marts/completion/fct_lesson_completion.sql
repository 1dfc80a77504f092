{{ config(key=['tenant_id', 'learner_key', 'lesson_id'], scope='learners') }}

with done as (
    select * from {{ ref('int_lessons_done') }} as done
    where {{ touched('learners', 'done') }}
),

lessons as (select * from {{ ref('stg_lms__lessons') }}),

enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

users as (select * from {{ ref('stg_lms__users') }} where role = 'student'),

statements as (select * from {{ ref('fct_statements') }})

select
    done.tenant_id,
    done.learner_key,
    done.user_id,
    lessons.course_id,
    done.lesson_id,
    done.completed_at,
    done.evidence,
    done.statement_id,
    statements.credential_id
from done
inner join lessons on done.tenant_id = lessons.tenant_id and done.lesson_id = lessons.lesson_id
inner join users on done.tenant_id = users.tenant_id and done.user_id = users.user_id
inner join enrollments
    on
        done.tenant_id = enrollments.tenant_id and lessons.course_id = enrollments.course_id
        and done.user_id = enrollments.user_id
left join statements on done.tenant_id = statements.tenant_id and done.statement_id = statements.statement_id
