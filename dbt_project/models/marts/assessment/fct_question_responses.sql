{{ config(key=['tenant_id', 'learner_key', 'item_key', 'course_id', 'assessment_id'],
    scope='learners',
    touches={
        'items': ['tenant_id', 'item_key'],
        'definitions': ['tenant_id', 'item_key'],
        'question_sets': ['tenant_id', 'assessment_id'],
    },
    indexes=[['tenant_id', 'item_key'], ['tenant_id', 'assessment_id']]) }}

with statements as (
    select * from {{ ref('fct_statement_learners') }}
    where
        {{ touched('learners', 'fct_statement_learners') }}
        and kind = 'answered'
        and object_key is not null
        and not is_member
),

details as (select * from {{ ref('fct_statements') }}),

firsts as (
    select distinct on (tenant_id, learner_key, object_key, course_id, assessment_id) *
    from statements
    order by tenant_id, learner_key, object_key, course_id, assessment_id, occurred_at, statement_id
)

select
    firsts.tenant_id,
    firsts.learner_key,
    firsts.user_id,
    firsts.standing,
    firsts.object_key as item_key,
    details.object_iri as item_iri,
    firsts.course_id,
    firsts.lesson_id,
    firsts.assessment_id,
    firsts.occurred_at as first_at,
    details.success as correct,
    details.response,
    firsts.statement_id
from firsts
inner join details on firsts.tenant_id = details.tenant_id and firsts.statement_id = details.statement_id
