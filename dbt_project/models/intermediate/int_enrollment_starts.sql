{{ config(key=['tenant_id', 'user_id', 'course_id'], scope='keys') }}

-- Since when a user had ever been enrolled: a second enrolment moves enrolled_at, the history keeps the first.
with enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

history as (select * from {{ ref('stg_lms__enrollment_history') }}),

batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

told as not materialized (
    select
        tenant_id,
        user_id,
        course_id,
        enrolled_at,
        batch_id
    from enrollments
    union all
    select
        tenant_id,
        user_id,
        course_id,
        enrolled_at,
        batch_id
    from history
)

select
    told.tenant_id,
    told.user_id,
    told.course_id,
    min(told.enrolled_at) as first_enrolled_at
from told
{% if not is_whole() and rebuilt_tenant() is none -%}
inner join (
    select
        told.tenant_id,
        told.user_id,
        told.course_id
    from told
    inner join batches on told.tenant_id = batches.tenant_id and told.batch_id = batches.batch_id
    group by told.tenant_id, told.user_id, told.course_id
) as changed
    on told.tenant_id = changed.tenant_id and told.user_id = changed.user_id and told.course_id = changed.course_id
{%- elif not is_whole() -%}
where told.tenant_id = {{ rebuilt_tenant() }}
{%- endif %}
group by told.tenant_id, told.user_id, told.course_id
