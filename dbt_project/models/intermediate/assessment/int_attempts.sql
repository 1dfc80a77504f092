{{ config(key=['tenant_id', 'learner_key', 'assessment_id', 'attempt_key'], scope='learners') }}

with told as (select * from {{ ref('int_told_attempts') }} where {{ touched('learners', 'int_told_attempts') }}),

matches as (select * from {{ ref('int_attempt_matches') }} where {{ touched('learners', 'int_attempt_matches') }}),

submissions as (
    select *
    from (
        select
            *,
            'u:' || user_id as learner_key
        from {{ ref('stg_lms__submissions') }}
    ) as submissions
    where {{ touched('learners', 'submissions') }}
),

assessments as (select * from {{ ref('stg_lms__assessments') }}),

matched as (
    select
        told.*,
        matches.attempt_number
    from told
    left join matches
        on
            told.tenant_id = matches.tenant_id
            and told.learner_key = matches.learner_key
            and told.assessment_id = matches.assessment_id
            and told.attempt_id = matches.attempt_id
),

both_sides as (
    select
        coalesce(submissions.tenant_id, matched.tenant_id) as tenant_id,
        coalesce(submissions.learner_key, matched.learner_key) as learner_key,
        coalesce(submissions.user_id, matched.user_id) as user_id,
        coalesce(submissions.assessment_id, matched.assessment_id) as assessment_id,
        submissions.attempt_number,
        coalesce(submissions.submitted_at, matched.occurred_at) as submitted_at,
        coalesce(
            submissions.graded_at,
            case when num_nonnulls(matched.share, matched.verdict) > 0 then matched.occurred_at end
        ) as graded_at,
        submissions.score::double precision as row_score,
        matched.score as told_score,
        matched.share as told_share,
        matched.verdict,
        case
            when matched.attempt_id is null then 'row' when submissions.tenant_id is null then 'statement' else 'both'
        end as source,
        matched.attempt_id as told_id,
        matched.statement_ids
    from submissions
    full join matched
        on
            submissions.tenant_id = matched.tenant_id
            and submissions.learner_key = matched.learner_key
            and submissions.assessment_id = matched.assessment_id
            and submissions.attempt_number = matched.attempt_number
),

-- The row's score wins; a score without a time of grading is not graded yet.
weighed as (
    select
        both_sides.*,
        assessments.course_id,
        assessments.passing_score::double precision / assessments.max_score::double precision as passing_share,
        case
            when both_sides.graded_at is null then null
            when both_sides.row_score is not null then both_sides.row_score / assessments.max_score::double precision
            else both_sides.told_share
        end as share
    from both_sides
    inner join assessments
        on both_sides.tenant_id = assessments.tenant_id and both_sides.assessment_id = assessments.assessment_id
)

select
    tenant_id,
    course_id,
    assessment_id,
    learner_key,
    user_id,
    coalesce('row ' || attempt_number, told_id::text) as attempt_key,
    attempt_number,
    submitted_at,
    graded_at,
    coalesce(row_score, told_score) as score,
    share,
    case
        when graded_at is null then null
        when row_score is not null then coalesce(share >= passing_share, verdict)
        else coalesce(verdict, share >= passing_share)
    end as passed,
    passing_share,
    source,
    statement_ids
from weighed
