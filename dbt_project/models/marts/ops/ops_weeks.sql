{{ config(key=['day']) }}
{%- set weeks = 9 %}

-- Not the weeks before the first statement came.
with points as (
    select
        weeks.ago,
        refresh.as_of - weeks.ago * interval '7 days' as ended_at,
        (refresh.as_of at time zone 'UTC')::date - 7 * weeks.ago as day
    from {{ source('refresh', 'current') }} as refresh
    cross join generate_series(0, {{ weeks - 1 }}) as weeks (ago)
),

rates as (select * from {{ ref('int_statement_rate') }}),

dead_letters as (select * from {{ source('ingest', 'dead_letters') }})

select
    points.day,
    points.ended_at,
    (
        select coalesce(sum(rates.statements), 0)
        from rates
        where rates.began_at > points.ended_at - interval '7 days' and rates.began_at <= points.ended_at
    )::bigint as statements,
    (
        select count(*)
        from dead_letters
        where dead_letters.created_at > points.ended_at - interval '7 days' and dead_letters.created_at <= points.ended_at
    ) as dead_letters
from points
where exists (select from rates where rates.began_at <= points.ended_at) or points.ago = 0
