{{ config(materialized='log') }}

-- What may be something else now, beside activities that are new: all activities of a tenant whose courses, lessons,
-- assessments, patterns or aliases changed.
with activities as (select * from {{ ref('int_named_activities') }}),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

told as (
    {% for schema, name in [
        ('lms', 'courses'), ('lms', 'lessons'), ('lms', 'assessments'), ('lms', 'activity_aliases'),
        ('control', 'iri_patterns'),
    ] %}
    select told_of.tenant_id from {{ source(schema, name) }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    activities.tenant_id,
    activities.activity_key
from told
inner join activities on told.tenant_id = activities.tenant_id
