{{ config(materialized='view') }}

-- Since when a user had ever been enrolled: a second enrolment moves enrolled_at, the history keeps the first.
with enrollments as (select * from {{ ref('stg_lms__enrollments') }}),

history as (select * from {{ ref('stg_lms__enrollment_history') }})

select
    enrollments.tenant_id,
    enrollments.user_id,
    enrollments.course_id,
    least(enrollments.enrolled_at, told.enrolled_at) as first_enrolled_at
from enrollments
left join lateral (
    select min(history.enrolled_at) as enrolled_at
    from history
    where
        history.tenant_id = enrollments.tenant_id and history.course_id = enrollments.course_id
        and history.user_id = enrollments.user_id
) as told on true
