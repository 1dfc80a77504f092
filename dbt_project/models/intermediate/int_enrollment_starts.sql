{{ config(key=['tenant_id', 'user_id', 'course_id'], scope='keys') }}

-- Since when a user had ever been enrolled: a second enrolment moves enrolled_at, the history keeps the first.
with batches as (select * from {{ ref('stg_ingest__batch_tenants') }}), -- noqa: ST03

told as not materialized (
    select
        tenant_id,
        user_id,
        course_id,
        enrolled_at,
        batch_id
    from {{ ref('stg_lms__enrollments') }}
    union all
    select
        tenant_id,
        user_id,
        course_id,
        enrolled_at,
        batch_id
    from {{ ref('stg_lms__enrollment_history') }}
),

changed as (
    select distinct
        told.tenant_id,
        told.user_id,
        told.course_id
    from told
    {% if not is_whole() and rebuilt_tenant() is none -%}
    inner join batches on told.tenant_id = batches.tenant_id and told.batch_id = batches.batch_id
    {%- elif not is_whole() -%}
    where told.tenant_id = {{ rebuilt_tenant() }}
    {%- endif %}
)

select
    told.tenant_id,
    told.user_id,
    told.course_id,
    min(told.enrolled_at) as first_enrolled_at
from changed
inner join told
    on
        changed.tenant_id = told.tenant_id and changed.user_id = told.user_id
        and changed.course_id = told.course_id
group by told.tenant_id, told.user_id, told.course_id
