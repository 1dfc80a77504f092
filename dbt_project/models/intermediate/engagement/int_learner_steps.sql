{{ config(key=['tenant_id', 'learner_key', 'statement_id'], scope='learners',
    indexes=[['tenant_id', 'learner_key', 'occurred_at', 'statement_id']]) }}

with statements as (
    select * from {{ ref('fct_statement_learners') }}
    where
        {{ touched('learners', 'fct_statement_learners') }}
        and kind <> 'graded'
        and occurred_flag is distinct from 'before_2000'
),

details as (select * from {{ ref('fct_statements') }}),

videos as (select * from {{ ref('int_videos') }}),

timed as (
    select
        statements.*,
        case
            when videos.length is not null and details.video_time is not null
                then make_interval(secs => greatest(videos.length - greatest(details.video_time, 0), 0))
        end as remaining,
        lead(statements.occurred_at) over of_learner as next_at
    from statements
    left join videos
        on
            statements.kind = 'played'
            and statements.tenant_id = videos.tenant_id
            and statements.object_key = videos.video_key
    left join details
        on
            statements.kind = 'played'
            and statements.tenant_id = details.tenant_id
            and statements.statement_id = details.statement_id
    window of_learner as (
        partition by statements.tenant_id, statements.learner_key order by statements.occurred_at, statements.statement_id
    )
),

parted as (
    select
        *,
        coalesce(next_at - occurred_at > greatest(interval '30 minutes', remaining), true) as is_last
    from timed
),

begun as (
    select
        *,
        coalesce(
            lag(is_last) over (partition by tenant_id, learner_key order by occurred_at, statement_id), true
        ) as is_first
    from parted
)

select
    tenant_id,
    learner_key,
    user_id,
    statement_id,
    occurred_at,
    local_day,
    course_id,
    lesson_id,
    standing,
    max(occurred_at) filter (where is_first) over (
        partition by tenant_id, learner_key order by occurred_at, statement_id
        rows between unbounded preceding and current row
    ) as session_started_at,
    case
        when is_last then occurred_at + interval '1 minute'
        else least(next_at, occurred_at + coalesce(remaining, interval '5 minutes'))
    end as busy_until
from begun
