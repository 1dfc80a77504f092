with courses as (
    select
        tenant_id,
        sum(enrolled) as enrolled,
        sum(completed) as completed,
        sum(at_risk) as at_risk
    from {{ ref('mart_course_comparison') }}
    group by tenant_id
),

learners as (
    select
        tenant_id,
        count(*) filter (where at_risk) as at_risk
    from {{ ref('mart_learner_summary') }}
    group by tenant_id
)

select overview.tenant_id
from {{ ref('mart_tenant_overview') }} as overview
left join courses on overview.tenant_id = courses.tenant_id
left join learners on overview.tenant_id = learners.tenant_id
where
    overview.enrolled <> coalesce(courses.enrolled, 0) or overview.completed <> coalesce(courses.completed, 0)
    or coalesce(courses.at_risk, 0) <> coalesce(learners.at_risk, 0)
