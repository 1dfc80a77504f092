{{ config(key=['tenant', 'what', 'name']) }}

-- Of the day before the refresh. By the table of statements, whose key begins with when they were stored; `offset 0`
-- looks up each of them, since nobody can foretell that a day is little.
with statements as (
    select * from {{ source('xapi', 'statements') }}
    where stored > (select refresh.as_of - interval '24 hours' from {{ source('refresh', 'current') }} as refresh)
),

tenants as (select * from {{ source('control', 'tenants') }}),

recent as (
    select
        tenants.slug as tenant,
        facts.*
    from statements
    inner join tenants on statements.tenant_id = tenants.tenant_id
    cross join lateral (
        select *
        from {{ ref('fct_statements') }} as told
        where told.tenant_id = statements.tenant_id and told.statement_id = statements.statement_id
        offset 0
    ) as facts
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
