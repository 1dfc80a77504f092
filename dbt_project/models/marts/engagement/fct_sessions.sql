{{ config(key=['tenant_id', 'learner_key', 'started_at'], scope='learners',
    touches={'session_days': ['tenant_id', 'started_day']}, indexes=[['tenant_id', 'started_day']]) }}

with steps as (
    select * from {{ ref('int_learner_steps') }} where {{ touched('learners', 'int_learner_steps') }}
)

select
    tenant_id,
    learner_key,
    max(user_id) as user_id,
    session_started_at as started_at,
    max(occurred_at) as last_at,
    min(local_day) as started_day,
    count(*) as statements,
    {{ seconds('busy_until - occurred_at') }} as active_seconds
from steps
group by tenant_id, learner_key, session_started_at
