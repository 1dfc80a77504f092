{{ config(key=['tenant_id', 'course_id', 'cohort', 'week'], scope='cohort_weeks') }}

with weeks as (
    select * from {{ ref('int_retention_weeks') }} where {{ touched('cohort_weeks', 'int_retention_weeks') }}
)

select
    tenant_id,
    course_id,
    cohort,
    week,
    count(*) as active
from weeks
group by tenant_id, course_id, cohort, week
