{{ config(key=['tenant_id', 'began_at'], scope='keys') }}

-- Only those ten minutes are counted again in which something new was stored. Two parts, since one that is used twice
-- would be read whole, with all bodies.
with new_statements as (
    select
        statements.tenant_id,
        statements.stored
    from {{ ref('stg_xapi__statements') }} as statements
    where {{ in_new_batches('statements') }}
),

statements as (select * from {{ ref('stg_xapi__statements') }}),

arrived as (
    select distinct
        tenant_id,
        date_bin('10 minutes', stored, '2000-01-01') as began_at
    from new_statements
)

select
    arrived.tenant_id,
    arrived.began_at,
    counted.statements
from arrived
cross join lateral (
    select count(*) as statements
    from statements
    where
        statements.tenant_id = arrived.tenant_id
        and statements.stored >= arrived.began_at and statements.stored < arrived.began_at + interval '10 minutes'
) as counted
