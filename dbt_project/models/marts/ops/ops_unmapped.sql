{{ config(key=['tenant', 'what', 'name']) }}

-- Of the day before the refresh. By the table of statements, whose key begins with when they were stored.
with recent as (
    select
        tenants.slug as tenant,
        facts.*
    from {{ source('refresh', 'current') }} as refresh
    cross join {{ source('control', 'tenants') }} as tenants
    inner join {{ source('xapi', 'statements') }} as statements
        on tenants.tenant_id = statements.tenant_id and statements.stored > refresh.as_of - interval '24 hours'
    inner join {{ ref('fct_statements') }} as facts
        on statements.tenant_id = facts.tenant_id and statements.statement_id = facts.statement_id
),

agents as (select * from {{ ref('int_agents') }}),

troubles as (
    select
        tenant,
        'statements' as what,
        'all' as name
    from recent
    union all
    select
        tenant,
        'verb' as what,
        verb_iri as name
    from recent
    where verb_kind = 'other'
    union all
    select
        tenant,
        'activity' as what,
        object_iri as name
    from recent
    where place_trouble is not null and object_iri is not null
    union all
    select
        tenant,
        'unreadable' as what,
        parse_trouble as name
    from recent
    where parse_trouble is not null
    union all
    select
        recent.tenant,
        'learner' as what,
        coalesce(agents.match, 'none') as name
    from recent
    left join agents on recent.tenant_id = agents.tenant_id and recent.actor_key = agents.agent_key
    where agents.user_id is null
)

select
    tenant,
    what,
    name,
    count(*) as statements
from troubles
group by tenant, what, name
