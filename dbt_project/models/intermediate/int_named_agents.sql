{{ config(key=['tenant_id', 'agent_key'], scope='keys', touches={'agents': ['tenant_id', 'agent_key']}) }}

-- Agents that statements are about, be it in a group, and those who judge.
with statements as (
    select * from {{ ref('int_statements') }} as statements
    where {{ touched_so_far('statements', 'statements') }}
)

select
    tenant_id,
    actor_key as agent_key
from statements
union
select
    tenant_id,
    unnest(member_keys) as agent_key
from statements
where member_keys is not null
union
select
    tenant_id,
    instructor_key as agent_key
from statements
where instructor_key is not null
