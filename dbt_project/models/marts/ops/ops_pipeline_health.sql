{{ config(materialized='view', grants={'select': ['lyceum_operator']}) }}

-- A view, so that it tells of a pipeline that stands still, too. It reads no table that a refresh makes anew.
with batches as (select * from {{ source('ingest', 'batches') }}),

statements as (select * from {{ source('xapi', 'statements') }}),

tenants as (select * from {{ source('control', 'tenants') }}),

dead_letters as (select * from {{ source('ingest', 'dead_letters') }} where settled_at is null),

consumers as (select * from {{ source('ingest', 'consumers') }} where state <> 'ended'),

refreshes as (select * from {{ source('marts', 'refreshes') }} where tenant_id is null),

waiting as (
    select
        batches.batch_id,
        batches.created_at
    from batches
    cross join {{ source('refresh', 'position') }} as position
    where batches.number is null or batches.number > position.through_number
),

stored as (
    select
        tenants.slug,
        count(statements.statement_id) as statements
    from tenants
    left join statements
        on tenants.tenant_id = statements.tenant_id and statements.stored > now() - interval '10 minutes'
    where tenants.is_active
    group by tenants.slug
)

select
    'batches_waiting' as measure,
    'marts' as subject,
    count(*)::double precision as value,
    'batches' as unit,
    'Written, and not in the marts yet.' as explanation
from waiting
union all
select
    'lag' as measure,
    'marts' as subject,
    coalesce(extract(epoch from now() - min(created_at)), 0)::double precision as value,
    'seconds' as unit,
    'How long the oldest of what is not in the marts has been waiting.' as explanation
from waiting
union all
select
    'freshness' as measure,
    'marts' as subject,
    extract(epoch from now() - max(as_of))::double precision as value,
    'seconds' as unit,
    'How old the state is that all marts show.' as explanation
from refreshes
union all
select
    'refresh_time' as measure,
    'marts' as subject,
    (array_agg(extract(epoch from finished_at - started_at) order by finished_at desc))[1]::double precision as value,
    'seconds' as unit,
    'How long the last refresh took.' as explanation
from refreshes
union all
select
    'rate' as measure,
    slug as subject,
    statements / 10.0::double precision as value,
    'statements a minute' as unit,
    'Stored in the last ten minutes, of this tenant.' as explanation
from stored
union all
select
    'ingest' as measure,
    consumer_id as subject,
    extract(epoch from now() - seen_at)::double precision as value,
    'seconds' as unit,
    'How long ago this ingest process was last heard of: ' || state || coalesce('. ' || last_error, '.') as explanation
from consumers
union all
select
    'dead_letters' as measure,
    reason as subject,
    count(*)::double precision as value,
    'records' as unit,
    'Could not be read or written, for this reason, and nobody has settled it.' as explanation
from dead_letters
group by reason
