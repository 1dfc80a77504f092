{{ config(materialized='view', grants={'select': ['lyceum_operator']}) }}

-- By what the runs of dbt themselves wrote down: see macros/model_runs.sql.
with runs as (
    select * from {{ source('refresh', 'model_runs') }} where day > (now() at time zone 'UTC')::date - 7
)

select
    model,
    case when split_part(model, '_', 1) in ('mart', 'fct', 'dim', 'ops') then 'mart' else 'step' end as kind,
    extract(epoch from now() - max(last_as_of))::double precision as age_seconds,
    max(last_succeeded_at) as last_succeeded_at,
    (array_agg(last_seconds order by day desc))[1] as last_seconds,
    max(slowest_seconds) as slowest_seconds,
    sum(total_seconds) / nullif(sum(runs), 0) as mean_seconds,
    sum(runs)::bigint as runs,
    sum(failures)::bigint as failures
from runs
group by model
