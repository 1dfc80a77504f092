{{ config(key=['tenant_id', 'course_id', 'learner_key', 'week'], scope='learners',
    touches={'cohort_weeks': ['tenant_id', 'course_id', 'cohort', 'week']},
    indexes=[['tenant_id', 'course_id', 'cohort', 'week']]) }}

with days as (
    select * from {{ ref('fct_daily_engagement') }}
    where {{ touched('learners', 'fct_daily_engagement') }} and standing = 'learner' and statements > 0
),

members as (select * from {{ ref('int_cohort_members') }})

select distinct
    members.tenant_id,
    members.course_id,
    members.learner_key,
    members.cohort,
    (days.day - members.enrolled_day) / 7 as week
from days
inner join members
    on
        days.tenant_id = members.tenant_id
        and days.course_id = members.course_id
        and days.learner_key = members.learner_key
        and days.day >= members.enrolled_day
