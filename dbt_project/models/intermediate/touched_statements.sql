{{ config(materialized='log') }}

-- Statements that count otherwise now, beside the new ones: voided ones, those of agents, activities and verbs that are
-- something else, those of users whose role or enrolments changed, and all of a tenant whose days begin elsewhere.
with statements as not materialized (select * from {{ ref('stg_xapi__statements') }}),

relations as not materialized (select * from {{ ref('stg_xapi__statement_relations') }}),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

agents as (select * from {{ ref('int_agents') }}),

changed_users as (
    {% for name in ['users', 'enrollments', 'enrollment_history'] %}
    select
        told_of.tenant_id,
        told_of.user_id::text as user_id
    from {{ source('lms', name) }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
    {{ 'union' if not loop.last }}
    {% endfor %}
),

changed_keys as (
    select
        tenant_id,
        agent_key as changed_key
    from intermediate.touched_changed_agents
    union
    select
        agents.tenant_id,
        agents.agent_key
    from changed_users
    inner join agents on changed_users.tenant_id = agents.tenant_id and changed_users.user_id = agents.user_id
),

changed_activities as (
    select
        tenant_id,
        activity_key as changed_key
    from intermediate.touched_changed_activities
    -- depends_on: {{ ref('int_activity_candidates') }}
),

changed_verbs as (
    select
        verb_kinds.tenant_id,
        verb_kinds.verb_key
    from {{ ref('stg_lms__verb_kinds') }} as verb_kinds
    inner join batches on verb_kinds.tenant_id = batches.tenant_id and verb_kinds.batch_id = batches.batch_id
),

changed_tenants as (
    select tenants.tenant_id
    from {{ ref('stg_lms__tenants') }} as tenants
    inner join batches on tenants.tenant_id = batches.tenant_id and tenants.batch_id = batches.batch_id
)

select
    voidings.tenant_id,
    voidings.target_id as statement_id
from {{ ref('stg_xapi__voidings') }} as voidings
inner join batches on voidings.tenant_id = batches.tenant_id and voidings.batch_id = batches.batch_id
{#- `offset 0`: looked up key by key. Joined, all statements might be read to find those of no key at all. #}
{%- for changed, conditions in [
    ('changed_keys', 'statements.actor_key = changed_keys.changed_key'),
    ('changed_activities', 'statements.object_key = changed_activities.changed_key'),
    ('changed_verbs', 'statements.verb_key = changed_verbs.verb_key'),
    ('changed_tenants', 'true'),
] %}
union
select
    {{ changed }}.tenant_id,
    found.statement_id
from {{ changed }}
cross join
    lateral (
        select statements.statement_id
        from statements
        where statements.tenant_id = {{ changed }}.tenant_id and {{ conditions }}
        offset 0
    ) as found
{%- endfor %}
{%- for changed in ['changed_keys', 'changed_activities'] %}
union
select
    {{ changed }}.tenant_id,
    found.statement_id
from {{ changed }}
cross join
    lateral (
        select relations.statement_id
        from relations
        where relations.tenant_id = {{ changed }}.tenant_id and relations.related_key = {{ changed }}.changed_key
        offset 0
    ) as found
{%- endfor %}
