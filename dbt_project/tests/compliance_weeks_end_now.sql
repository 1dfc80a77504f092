-- The newest week says what mart_compliance says.
with newest as (
    select distinct on (weeks.tenant_id, weeks.day)
        weeks.tenant_id,
        weeks.day
    from {{ ref('mart_compliance_weeks') }} as weeks
    where weeks.day = (
        select max(others.day)
        from {{ ref('mart_compliance_weeks') }} as others
        where others.tenant_id = weeks.tenant_id
    )
),

weeks as (
    select
        weeks.tenant_id,
        weeks.course_id,
        {%- for state in ['on_time', 'late', 'waived', 'open', 'overdue'] %}
        sum(weeks.{{ state }}) as {{ state }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_compliance_weeks') }} as weeks
    inner join newest on weeks.tenant_id = newest.tenant_id and weeks.day = newest.day
    group by weeks.tenant_id, weeks.course_id
),

states as (
    select
        tenant_id,
        course_id,
        {%- for state in ['on_time', 'late', 'waived', 'open', 'overdue'] %}
        count(*) filter (where state = '{{ state }}') as {{ state }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_compliance') }}
    where state <> 'withdrawn'
    group by tenant_id, course_id
)

select coalesce(weeks.course_id, states.course_id) as course_id
from weeks
full join states on weeks.tenant_id = states.tenant_id and weeks.course_id = states.course_id
where
    (weeks.on_time, weeks.late, weeks.waived, weeks.open, weeks.overdue)
    is distinct from (states.on_time, states.late, states.waived, states.open, states.overdue)
