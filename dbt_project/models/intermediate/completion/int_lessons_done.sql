{{ config(key=['tenant_id', 'learner_key', 'lesson_id'], scope='learners') }}

-- When each user had done each lesson, whichever course it belongs to, and what says so.
with statements as (
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

told as (
    select
        tenant_id,
        learner_key,
        user_id,
        lesson_id,
        completed_at,
        'row' as evidence,
        null::uuid as statement_id
    from progress
    where completed_at is not null
    union all
    select
        tenant_id,
        learner_key,
        user_id,
        lesson_id,
        occurred_at as completed_at,
        case when kind = 'waived' then 'waived' else 'statement' end as evidence,
        statement_id
    from statements
    where
        place = 'lesson' and is_object and not is_member and user_id is not null
        and (
            kind = 'waived'
            or ((kind in ('completed', 'passed') or completion) and success is distinct from false)
        )
)

select distinct on (tenant_id, learner_key, lesson_id) *
from told
order by
    tenant_id, learner_key, lesson_id, completed_at, array_position(array['row', 'statement', 'waived'], evidence),
    statement_id
