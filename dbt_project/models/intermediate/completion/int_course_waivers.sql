{{ config(key=['tenant_id', 'learner_key', 'course_id'], scope='learners') }}

-- From when a learner need not take a course any more.
with statements as (
    select * from {{ ref('fct_statement_learners') }} as statements
    where {{ touched('learners', 'statements') }}
)

select distinct on (tenant_id, learner_key, course_id)
    tenant_id,
    learner_key,
    course_id,
    occurred_at as waived_at,
    statement_id
from statements
where kind = 'waived' and place = 'course' and is_object and not is_member
order by tenant_id, learner_key, course_id, occurred_at, statement_id
