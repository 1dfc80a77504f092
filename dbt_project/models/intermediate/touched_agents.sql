{{ config(materialized='log') }}

-- Who may be somebody else now: agents of new statements, and all agents of a tenant whose users, aliases or home pages
-- changed.
with statements as (select * from {{ ref('int_statements') }}),

touched_statements as (
    select * from statements
    where {{ in_log('statements', 'statements') }}
),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

agents as (select * from {{ source('xapi', 'agents') }}),

told as (
    select users.tenant_id from {{ source('lms', 'users') }} as users
    inner join batches on users.tenant_id = batches.tenant_id and users.batch_id = batches.batch_id
    union
    select aliases.tenant_id from {{ source('lms', 'learner_aliases') }} as aliases
    inner join batches on aliases.tenant_id = batches.tenant_id and aliases.batch_id = batches.batch_id
    union
    select home_pages.tenant_id from {{ source('control', 'home_pages') }} as home_pages
    inner join batches on home_pages.tenant_id = batches.tenant_id and home_pages.batch_id = batches.batch_id
)

select
    tenant_id,
    actor_key as agent_key
from touched_statements
union
select
    tenant_id,
    unnest(member_keys) as agent_key
from touched_statements
where member_keys is not null
union
select
    tenant_id,
    instructor_key as agent_key
from touched_statements
where instructor_key is not null
union
select
    agents.tenant_id,
    agents.agent_key
from told
inner join agents on told.tenant_id = agents.tenant_id
