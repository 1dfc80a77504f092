{{ config(key=['tenant_id', 'day'], scope='tenant_days') }}

with changes as (
    select * from {{ ref('int_activity_changes') }} where {{ touched('tenant_days', 'int_activity_changes') }}
)

select
    tenant_id,
    day,
    {%- for measure in ['day', 'week', 'month'] %}
    coalesce(sum(change) filter (where measure = '{{ measure }}'), 0)::bigint as {{ measure }}_change
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from changes
group by tenant_id, day
