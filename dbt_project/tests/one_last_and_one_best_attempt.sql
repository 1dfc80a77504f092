select
    tenant_id,
    learner_key,
    assessment_id
from {{ ref('fct_assessment_attempts') }}
group by tenant_id, learner_key, assessment_id
having
    count(*) filter (where is_last) <> 1
    or count(*) filter (where is_best) <> max((share is not null)::integer)
    or max(ordinal) <> count(*)
