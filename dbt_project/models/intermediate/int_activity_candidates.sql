{{ config(
    key=['tenant_id', 'activity_key', 'course_id', 'lesson_id', 'assessment_id'],
    scope='activities',
    touches={'changed_activities': ['tenant_id', 'activity_key']}
) }}

-- Of what an activity may be only the best rank counts, wherever the activity is named.
with candidates as (select * from {{ ref('stg_lms__activity_candidates') }}),

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
    where {{ touched('activities', 'candidates') }}
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
