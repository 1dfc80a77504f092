{{ config(key=['tenant_id', 'learner_key', 'statement_id'], scope='learners') }}

with viewers as (
    select * from {{ ref('int_learner_videos') }} where {{ touched('learners', 'int_learner_videos') }}
),

-- Nobody is said to have watched what a group watched.
statements as (
    select fct_statement_learners.*
    from {{ ref('fct_statement_learners') }} as fct_statement_learners
    inner join viewers
        on
            fct_statement_learners.tenant_id = viewers.tenant_id
            and fct_statement_learners.learner_key = viewers.learner_key
            and fct_statement_learners.object_key = viewers.video_key
    where
        {{ touched('learners', 'fct_statement_learners') }}
        and not fct_statement_learners.is_member
        and fct_statement_learners.kind in (
            'started', 'progressed', 'played', 'paused', 'seeked', 'interacted', 'completed', 'ended'
        )
),

details as (select * from {{ ref('fct_statements') }}),

steps as (
    select * from {{ ref('int_learner_steps') }} where {{ touched('learners', 'int_learner_steps') }}
)

select
    statements.tenant_id,
    statements.learner_key,
    statements.user_id,
    statements.statement_id,
    statements.object_key as video_key,
    statements.occurred_at,
    statements.kind,
    statements.course_id,
    statements.lesson_id,
    statements.standing,
    coalesce(details.registration::text, details.session_id) as viewing,
    coalesce(
        'registration ' || details.registration, 'session ' || details.session_id,
        'sitting ' || to_char(steps.session_started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'no sitting'
    ) as viewing_key,
    case
        when statements.kind = 'seeked' then coalesce(details.video_time_from, details.video_time)
        else details.video_time
    end as position,
    details.played_segments,
    details.completion_threshold
from statements
inner join details on statements.tenant_id = details.tenant_id and statements.statement_id = details.statement_id
left join steps
    on
        statements.tenant_id = steps.tenant_id
        and statements.learner_key = steps.learner_key
        and statements.statement_id = steps.statement_id
