{{ config(materialized='log') }}

-- What may be something else now: activities that new statements name, and all activities of a tenant whose courses,
-- lessons, assessments, patterns or aliases changed.
with statements as (select * from {{ ref('int_statements') }}),

touched_statements as (
    select * from statements
    where {{ in_log('statements', 'statements') }}
),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

activities as (select * from {{ source('xapi', 'activities') }}),

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
    touched_statements.tenant_id,
    named.activity_key
from touched_statements
cross join lateral (
    select touched_statements.object_key as activity_key
    union
    select unnest(touched_statements.parent_keys)
    union
    select unnest(touched_statements.grouping_keys)
    union
    select unnest(touched_statements.other_keys)
) as named
where named.activity_key is not null
union
select
    activities.tenant_id,
    activities.activity_key
from told
inner join activities on told.tenant_id = activities.tenant_id
