{{ config(key=['tenant_id', 'learner_key', 'assessment_id', 'attempt_id'], scope='learners') }}

with recursive told as (
    select * from {{ ref('int_told_attempts') }} where {{ touched('learners', 'int_told_attempts') }}
),

submissions as (select * from {{ ref('stg_lms__submissions') }}),

distances as (
    select
        told.tenant_id,
        told.learner_key,
        told.assessment_id,
        told.attempt_id,
        told.occurred_at,
        submissions.attempt_number,
        least(
            greatest(told.occurred_at - submissions.submitted_at, submissions.submitted_at - told.occurred_at),
            greatest(told.occurred_at - submissions.graded_at, submissions.graded_at - told.occurred_at)
        ) as distance
    from told
    inner join submissions
        on
            told.tenant_id = submissions.tenant_id
            and told.user_id = submissions.user_id
            and told.assessment_id = submissions.assessment_id
),

-- The nearest pair of all goes together, then the nearest of what is left. That is the same as joining, again and
-- again, every two that are each other's nearest: so a few rounds do, however many attempts there are.
rounds as (
    select
        tenant_id,
        learner_key,
        assessment_id,
        attempt_id,
        occurred_at,
        attempt_number,
        distance,
        false as is_pair,
        true as is_left
    from distances
    where distance <= interval '10 minutes'
    union all
    select
        tenant_id,
        learner_key,
        assessment_id,
        attempt_id,
        occurred_at,
        attempt_number,
        distance,
        is_pair,
        not is_taken as is_left
    from (
        select
            *,
            bool_or(is_pair) over (partition by tenant_id, learner_key, assessment_id, attempt_id)
            or bool_or(is_pair) over (partition by tenant_id, learner_key, assessment_id, attempt_number) as is_taken
        from (
            select
                tenant_id,
                learner_key,
                assessment_id,
                attempt_id,
                occurred_at,
                attempt_number,
                distance,
                row_number() over (
                    partition by tenant_id, learner_key, assessment_id, attempt_id
                    order by distance, occurred_at, attempt_id, attempt_number
                ) = 1
                and row_number() over (
                    partition by tenant_id, learner_key, assessment_id, attempt_number
                    order by distance, occurred_at, attempt_id, attempt_number
                ) = 1 as is_pair
            from rounds
            where is_left
        ) as ranked
    ) as judged
    where is_pair or not is_taken
)

select
    tenant_id,
    learner_key,
    assessment_id,
    attempt_id,
    attempt_number
from rounds
where is_pair
