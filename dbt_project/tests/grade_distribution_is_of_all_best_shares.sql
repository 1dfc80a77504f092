with bins as (
    select
        tenant_id,
        assessment_id,
        sum(learners) as learners
    from {{ ref('mart_grade_distribution') }}
    group by tenant_id, assessment_id
)

select
    tenant_id,
    assessment_id
from bins
full join {{ ref('mart_assessment_summary') }} as summary using (tenant_id, assessment_id)
where bins.learners is distinct from summary.with_share
