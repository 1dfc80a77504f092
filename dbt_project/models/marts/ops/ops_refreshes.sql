{{ config(materialized='view', grants={'select': ['lyceum_operator']}) }}

-- How old the marts had become is known at the end of a refresh: until then they showed what the one before had taken.
with refreshes as (select * from {{ source('marts', 'refreshes') }} where tenant_id is null),

told as (
    select
        finished_at,
        mode,
        through_number - from_number as batches,
        extract(epoch from finished_at - started_at)::double precision as seconds,
        extract(epoch from finished_at - lag(as_of) over (order by finished_at))::double precision as oldest_seconds
    from refreshes
    where finished_at > now() - interval '63 days'
)

select
    finished_at,
    mode,
    batches,
    seconds,
    oldest_seconds,
    (now() at time zone 'UTC')::date
    - 7 * floor(extract(epoch from now() - finished_at) / 604800)::integer as day
from told
