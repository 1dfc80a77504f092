{{ config(key=['day'], scope='nothing') }}

with days as (
    select generate_series(timestamp '2000-01-01', timestamp '2060-12-31', interval '1 day')::date as day
)

select
    day,
    extract(isoyear from day)::integer as iso_year,
    extract(week from day)::integer as iso_week,
    to_char(day, 'IYYY"-W"IW') as week,
    extract(isodow from day)::integer as day_of_week,
    extract(year from day)::integer as year,
    extract(month from day)::integer as month,
    date_trunc('month', day::timestamp)::date as month_starts_on,
    extract(isodow from day) > 5 as is_weekend
from days
