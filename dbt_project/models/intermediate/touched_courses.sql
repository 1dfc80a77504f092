{{ config(materialized='log') }}

-- Courses of which the LMS told something.
with batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

told as (
    {% for name in ['courses', 'modules', 'lessons', 'assessments', 'listings', 'course_history', 'lesson_history',
        'assessment_history'] %}
    select
        told_of.tenant_id,
        told_of.course_id
    from {{ source('lms', name) }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
    {{ 'union' if not loop.last }}
    {% endfor %}
),

-- What has gone to another course still concerns the one it came from.
moved as (
    {% for name in ['lesson', 'assessment'] %}
    select
        history.tenant_id,
        history.course_id
    from {{ source('lms', name ~ 's') }} as content
    inner join batches on content.tenant_id = batches.tenant_id and content.batch_id = batches.batch_id
    inner join {{ source('lms', name ~ '_history') }} as history
        on content.tenant_id = history.tenant_id and content.{{ name }}_id = history.{{ name }}_id
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    tenant_id,
    course_id::text as course_id
from told
union
select
    tenant_id,
    course_id::text as course_id
from moved
