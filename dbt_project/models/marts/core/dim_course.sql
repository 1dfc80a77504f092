{{ config(key=['tenant_id', 'course_id'], scope='courses') }}

with courses as (
    select * from {{ ref('stg_lms__courses') }} as courses
    where {{ touched('courses', 'courses') }}
)

select
    tenant_id,
    course_id,
    title,
    slug,
    status,
    starts_at,
    ends_at,
    length_days,
    published_at,
    activity_iri,
    external_id
from courses
