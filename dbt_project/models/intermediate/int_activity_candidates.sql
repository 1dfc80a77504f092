{{ config(
    key=['tenant_id', 'activity_key', 'course_id', 'lesson_id', 'assessment_id'],
    scope='activities',
    touches={'changed_activities': ['tenant_id', 'activity_key']}
) }}

-- What an activity may be. Of that only the best rank counts, wherever the activity is named.
with named as (
    select * from {{ ref('int_named_activities') }} as named
    where {{ touched('activities', 'named') }}
),

candidates as (select * from {{ ref('stg_lms__activity_candidates') }}),

ranked as (
    select distinct
        candidates.tenant_id,
        candidates.activity_key,
        candidates.rank,
        candidates.course_id,
        candidates.lesson_id,
        candidates.assessment_id,
        min(candidates.rank) over (partition by candidates.tenant_id, candidates.activity_key) as best_rank
    from candidates
    inner join named on candidates.tenant_id = named.tenant_id and candidates.activity_key = named.activity_key
)

select
    tenant_id,
    activity_key,
    rank,
    course_id,
    lesson_id,
    assessment_id
from ranked
where rank = best_rank
