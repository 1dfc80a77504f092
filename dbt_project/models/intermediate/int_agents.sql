{{ config(
    key=['tenant_id', 'agent_key'],
    scope='agents',
    touches={'changed_agents': ['tenant_id', 'agent_key']},
    indexes=[['tenant_id', 'user_id']]
) }}

with learners as (select * from {{ ref('stg_lms__learners') }})

select
    learners.tenant_id,
    learners.agent_key,
    learners.user_id,
    case when learners.is_ambiguous then 'ambiguous' else learners.matched_by end as match
from learners
where {{ touched('agents', 'learners') }}
