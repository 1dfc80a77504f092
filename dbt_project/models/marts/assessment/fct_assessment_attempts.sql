{{ config(key=['tenant_id', 'learner_key', 'assessment_id', 'attempt_key'], scope='learners',
    touches={'assessments': ['tenant_id', 'assessment_id']}, indexes=[['tenant_id', 'assessment_id']]) }}

with attempts as (select * from {{ ref('int_attempts') }} where {{ touched('learners', 'int_attempts') }}),

users as (select * from {{ ref('stg_lms__users') }}),

enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

ordered as (
    select
        *,
        row_number() over (
            partition by tenant_id, learner_key, assessment_id
            order by submitted_at, coalesce(attempt_number, 0), attempt_key
        ) as ordinal,
        count(*) over (partition by tenant_id, learner_key, assessment_id) as attempts,
        row_number() over (
            partition by tenant_id, learner_key, assessment_id
            order by share desc nulls last, submitted_at asc, coalesce(attempt_number, 0) asc, attempt_key asc
        ) as best_first
    from attempts
)

select
    ordered.tenant_id,
    ordered.course_id,
    ordered.assessment_id,
    ordered.learner_key,
    ordered.user_id,
    case
        when ordered.user_id is null then 'unmatched'
        when users.role <> 'student' then 'staff'
        when enrollments.user_id is null then 'not_enrolled'
        else 'learner'
    end as standing,
    ordered.attempt_key,
    ordered.attempt_number,
    ordered.ordinal::integer as ordinal,
    ordered.submitted_at,
    ordered.graded_at,
    ordered.score,
    ordered.share,
    ordered.passing_share,
    ordered.passed,
    ordered.ordinal = ordered.attempts as is_last,
    ordered.best_first = 1 and ordered.share is not null as is_best,
    ordered.source,
    ordered.statement_ids
from ordered
left join users on ordered.tenant_id = users.tenant_id and ordered.user_id = users.user_id
left join enrollments
    on
        ordered.tenant_id = enrollments.tenant_id
        and ordered.course_id = enrollments.course_id
        and ordered.user_id = enrollments.user_id
