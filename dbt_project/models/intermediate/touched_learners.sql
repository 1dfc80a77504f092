{{ config(materialized='log') }}

-- Learners whose facts may be others now, beside those whose statements changed: of whom the LMS told something, and
-- all whom a changed course concerns.
with batches as (select * from {{ ref('stg_ingest__batch_tenants') }}),

learner_courses as (select * from {{ ref('int_learner_courses') }}),

enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

told as (
    {% for name in ['users', 'enrollments', 'enrollment_history', 'lesson_progress', 'submissions'] %}
    select
        told_of.tenant_id,
        told_of.user_id::text as user_id
    from {{ source('lms', name) }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
    {{ 'union' if not loop.last }}
    {% endfor %}
),

-- Only those of which the LMS told something: what follows from learners is logged later.
courses as (select * from {{ ref('touched_courses') }}),

tenants as (
    select told_of.tenant_id
    from {{ source('control', 'tenants') }} as told_of
    inner join batches on told_of.tenant_id = batches.tenant_id and told_of.batch_id = batches.batch_id
)

select
    tenant_id,
    'u:' || user_id as learner_key
from told
union
select
    learner_courses.tenant_id,
    learner_courses.learner_key
from courses
inner join learner_courses
    on courses.tenant_id = learner_courses.tenant_id and courses.course_id = learner_courses.course_id
union
select
    enrollments.tenant_id,
    'u:' || enrollments.user_id as learner_key
from courses
inner join enrollments on courses.tenant_id = enrollments.tenant_id and courses.course_id = enrollments.course_id
union
select
    learner_courses.tenant_id,
    learner_courses.learner_key
from tenants
inner join learner_courses on tenants.tenant_id = learner_courses.tenant_id
