with assessments as (select * from {{ source('lms', 'assessments') }})

select
    tenant_id,
    assessment_id::text as assessment_id,
    course_id::text as course_id,
    lesson_id::text as lesson_id,
    title,
    type,
    max_score::double precision as max_score,
    passing_score::double precision as passing_score,
    max_attempts,
    required,
    activity_iri::text as activity_iri,
    external_id::text as external_id,
    is_listed,
    removed_at,
    batch_id
from assessments
