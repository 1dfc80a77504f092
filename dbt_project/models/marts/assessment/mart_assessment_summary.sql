{{ config(key=['tenant_id', 'assessment_id'], scope='assessments') }}

with attempts as (
    select * from {{ ref('fct_assessment_attempts') }}
    where {{ touched('assessments', 'fct_assessment_attempts') }} and standing = 'learner'
),

learners as (
    select
        tenant_id,
        course_id,
        assessment_id,
        learner_key,
        count(*) as attempts,
        bool_or(passed) as passed,
        max(share) filter (where is_best) as best_share
    from attempts
    group by tenant_id, course_id, assessment_id, learner_key
)

select
    tenant_id,
    course_id,
    assessment_id,
    count(*) as attempted,
    sum(attempts)::bigint as attempts,
    count(passed) as graded,
    count(*) filter (where passed) as passed,
    {{ share('count(*) filter (where passed)', 'count(passed)') }} as pass_rate,
    count(best_share) as with_share,
    {{ exact_mean('best_share') }} as mean_best_share
from learners
group by tenant_id, course_id, assessment_id
