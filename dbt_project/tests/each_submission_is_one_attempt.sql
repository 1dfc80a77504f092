with attempts as (
    select *
    from {{ ref('fct_assessment_attempts') }}
    where attempt_number is not null
)

select
    submissions.tenant_id,
    submissions.assessment_id,
    submissions.user_id,
    submissions.attempt_number
from {{ ref('stg_lms__submissions') }} as submissions
full join attempts
    on
        submissions.tenant_id = attempts.tenant_id and submissions.assessment_id = attempts.assessment_id
        and submissions.user_id = attempts.user_id and submissions.attempt_number = attempts.attempt_number
where submissions.tenant_id is null or attempts.tenant_id is null
