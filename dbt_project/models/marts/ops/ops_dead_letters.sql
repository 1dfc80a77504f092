{{ config(materialized='view', grants={'select': ['lyceum_operator']}) }}

with dead_letters as (select * from {{ source('ingest', 'dead_letters') }}),

tenants as (select * from {{ source('control', 'tenants') }})

select
    coalesce(tenants.slug, '(none)') as tenant,
    dead_letters.reason,
    dead_letters.topic,
    count(*) filter (where dead_letters.settled_at is null) as waiting,
    count(*) filter (where dead_letters.settlement = 'retried') as retried,
    count(*) filter (where dead_letters.settlement = 'discarded') as discarded,
    min(dead_letters.created_at) as first_at,
    max(dead_letters.created_at) as last_at
from dead_letters
left join tenants on dead_letters.tenant_id = tenants.tenant_id
group by coalesce(tenants.slug, '(none)'), dead_letters.reason, dead_letters.topic
