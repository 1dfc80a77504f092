{{ config(key=['tenant_id', 'course_id', 'learner_key'], indexes=[['tenant_id', 'learner_key']]) }}

with enrolled as (select * from {{ ref('int_enrolled_learners') }} where due_at is not null),

refresh as (select * from {{ source('refresh', 'current') }})

select
    enrolled.tenant_id,
    enrolled.course_id,
    enrolled.learner_key,
    enrolled.user_id,
    case
        when enrolled.status = 'withdrawn' then 'withdrawn'
        when enrolled.completed_at <= enrolled.due_at then 'on_time'
        when enrolled.completed_at is not null then 'late'
        when enrolled.waived_at is not null then 'waived'
        when refresh.as_of <= enrolled.due_at then 'open'
        else 'overdue'
    end as state,
    enrolled.due_at,
    enrolled.completed_at,
    enrolled.evidence,
    enrolled.statement_id,
    enrolled.credential_id,
    enrolled.waived_at,
    enrolled.waiver_statement_id,
    enrolled.cohort
from enrolled
cross join refresh
