{{ config(materialized='log') }}

-- Who may be somebody else now, beside agents that are new: all agents of a tenant whose users, aliases or home pages
-- changed.
with agents as (select * from {{ ref('int_named_agents') }}),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

told as (
    {% for schema, name in [('lms', 'users'), ('lms', 'learner_aliases'), ('control', 'home_pages')] %}
    select told_of.tenant_id from {{ source(schema, name) }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    agents.tenant_id,
    agents.agent_key
from told
inner join agents on told.tenant_id = agents.tenant_id
