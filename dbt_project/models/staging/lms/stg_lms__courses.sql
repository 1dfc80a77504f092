with courses as (select * from {{ source('lms', 'courses') }})

select
    tenant_id,
    course_id::text as course_id,
    title,
    slug,
    status,
    starts_at,
    ends_at,
    length_days,
    published_at,
    activity_iri::text as activity_iri,
    external_id::text as external_id,
    batch_id
from courses
