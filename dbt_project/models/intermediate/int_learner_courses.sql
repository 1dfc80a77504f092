{{ config(
    key=['tenant_id', 'learner_key', 'course_id'],
    scope='learners',
    indexes=[['tenant_id', 'course_id']]
) }}

-- In which courses a learner ever did anything: who is concerned when a course changes.
-- depends_on: {{ ref('fct_statement_learners') }}
with statements as (select * from {{ ref('fct_statement_learners') }})

select distinct
    statements.tenant_id,
    statements.learner_key,
    statements.course_id
from statements
where statements.course_id is not null and {{ touched_so_far('learners', 'statements') }}
