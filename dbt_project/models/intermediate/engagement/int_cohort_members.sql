{{ config(materialized='view') }}

with enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

users as (select * from {{ ref('stg_lms__users') }}),

tenants as (select * from {{ ref('stg_lms__tenants') }}),

zoned as (
    select
        enrollments.tenant_id,
        enrollments.course_id,
        'u:' || enrollments.user_id as learner_key,
        (enrollments.enrolled_at at time zone tenants.time_zone)::date as enrolled_day
    from enrollments
    inner join tenants on enrollments.tenant_id = tenants.tenant_id
    inner join users on enrollments.tenant_id = users.tenant_id and enrollments.user_id = users.user_id
    where users.role = 'student'
)

select
    *,
    to_char(enrolled_day, 'IYYY"-W"IW') as cohort
from zoned
