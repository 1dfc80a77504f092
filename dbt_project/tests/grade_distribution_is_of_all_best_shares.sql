with bins as (
    select
        tenant_id,
        assessment_id,
        sum(learners) as learners
    from {{ ref('mart_grade_distribution') }}
    group by tenant_id, assessment_id
)

select
    coalesce(bins.tenant_id, summary.tenant_id) as tenant_id,
    coalesce(bins.assessment_id, summary.assessment_id) as assessment_id
from bins
full join {{ ref('mart_assessment_summary') }} as summary
    on bins.tenant_id = summary.tenant_id and bins.assessment_id = summary.assessment_id
where bins.learners is distinct from summary.with_share
