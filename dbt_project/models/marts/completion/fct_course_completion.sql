{{ config(key=['tenant_id', 'learner_key', 'course_id'], scope='learners') }}

with enrollments as (
    select *
    from (
        select
            *,
            'u:' || user_id as learner_key
        from {{ ref('stg_lms__enrollments') }}
    ) as enrollments
    where {{ touched('learners', 'enrollments') }}
),

users as (select * from {{ ref('stg_lms__users') }} where role = 'student'),

statements as (
    select * from {{ ref('fct_statement_learners') }} as statements
    where {{ touched('learners', 'statements') }}
),

met as (
    select * from {{ ref('int_requirements_met') }} as met
    where {{ touched('learners', 'met') }}
),

credentials as (select * from {{ ref('fct_statements') }}),

told as (
    select
        tenant_id,
        learner_key,
        course_id,
        occurred_at as completed_at,
        'statement' as evidence,
        statement_id
    from statements
    where kind in ('completed', 'passed') and place = 'course' and is_object and not is_member
    union all
    select
        tenant_id,
        learner_key,
        course_id,
        coalesce(completed_at, completed_seen_at) as completed_at,
        'row' as evidence,
        null as statement_id
    from enrollments
    where coalesce(completed_at, completed_seen_at) is not null
    union all
    select
        tenant_id,
        learner_key,
        course_id,
        met_at as completed_at,
        'requirements' as evidence,
        null as statement_id
    from met
),

earliest as (
    select distinct on (tenant_id, learner_key, course_id) *
    from told
    order by
        tenant_id, learner_key, course_id, completed_at,
        array_position(array['statement', 'row', 'requirements'], evidence), statement_id
)

select
    earliest.tenant_id,
    earliest.learner_key,
    enrollments.user_id,
    earliest.course_id,
    earliest.completed_at,
    earliest.evidence,
    earliest.statement_id,
    credentials.credential_id
from earliest
inner join enrollments
    on
        earliest.tenant_id = enrollments.tenant_id and earliest.course_id = enrollments.course_id
        and earliest.learner_key = enrollments.learner_key
inner join users on enrollments.tenant_id = users.tenant_id and enrollments.user_id = users.user_id
left join credentials
    on earliest.tenant_id = credentials.tenant_id and earliest.statement_id = credentials.statement_id
