{{ config(key=['tenant_id', 'course_id', 'day'], scope='course_days') }}

with days as (
    select * from {{ ref('fct_daily_engagement') }}
    where {{ touched('course_days', 'fct_daily_engagement') }} and course_id is not null
)

select
    tenant_id,
    course_id,
    day,
    {%- for standing in ['learner', 'staff', 'not_enrolled', 'unmatched'] %}
    {%- set prefix = '' if standing == 'learner' else standing ~ '_' %}
    count(*) filter (where standing = '{{ standing }}' and statements > 0) as {{ prefix }}active_learners,
    coalesce(sum(active_seconds::numeric) filter (where standing = '{{ standing }}'), 0)::double precision
        as {{ prefix }}active_seconds,
    coalesce(sum(statements) filter (where standing = '{{ standing }}'), 0)::bigint as {{ prefix }}statements{{ ',' if not loop.last }}
    {%- endfor %}
from days
group by tenant_id, course_id, day
