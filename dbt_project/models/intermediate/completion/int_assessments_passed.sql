{{ config(key=['tenant_id', 'learner_key', 'assessment_id'], scope='learners') }}

-- When each user had passed each assessment for the first time.
with attempts as (
    select * from {{ ref('int_attempts') }} as attempts
    where {{ touched('learners', 'attempts') }}
),

statements as (
    select * from {{ ref('fct_statement_learners') }} as statements
    where {{ touched('learners', 'statements') }}
),

told as (
    select
        tenant_id,
        learner_key,
        user_id,
        assessment_id,
        graded_at as passed_at
    from attempts
    where passed and graded_at is not null and user_id is not null
    union all
    select
        tenant_id,
        learner_key,
        user_id,
        assessment_id,
        occurred_at as passed_at
    from statements
    where kind = 'waived' and place = 'assessment' and is_object and not is_member and user_id is not null
)

select
    tenant_id,
    learner_key,
    user_id,
    assessment_id,
    min(passed_at) as passed_at
from told
group by tenant_id, learner_key, user_id, assessment_id
