{{ config(
    key=['tenant_id', 'agent_key'],
    scope='agents',
    touches={'changed_agents': ['tenant_id', 'agent_key']},
    indexes=[['tenant_id', 'user_id']]
) }}

-- Who each agent is; those whom nobody knows are not here.
with named as (
    select * from {{ ref('int_named_agents') }} as named
    where {{ touched('agents', 'named') }}
),

learners as (select * from {{ ref('stg_lms__learners') }})

select
    named.tenant_id,
    named.agent_key,
    learners.user_id,
    case when learners.is_ambiguous then 'ambiguous' else learners.matched_by end as match
from named
inner join learners on named.tenant_id = learners.tenant_id and named.agent_key = learners.agent_key
