{{ config(materialized='log') }}

-- Courses of which the LMS told something: what is shown of them may change although no learner's facts did.
with batches as (select * from {{ ref('stg_ingest__batch_tenants') }})

{% for name in ['courses', 'modules', 'lessons', 'assessments', 'listings', 'lesson_history', 'assessment_history'] %}
select
    told_of.tenant_id,
    told_of.course_id::text as course_id
from {{ source('lms', name) }} as told_of
inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
{{ 'union' if not loop.last }}
{% endfor %}
