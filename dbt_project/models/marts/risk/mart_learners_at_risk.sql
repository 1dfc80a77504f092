{{ config(key=['tenant_id', 'course_id', 'learner_key']) }}

with enrollments as (select * from {{ ref('int_learner_enrollments') }}),

courses as (select * from {{ ref('stg_lms__courses') }}),

weights as (select * from {{ ref('risk_weights') }}),

refresh as (select as_of from {{ source('refresh', 'current') }}),

candidates as (
    select
        enrollments.*,
        refresh.as_of
    from enrollments
    inner join courses on enrollments.tenant_id = courses.tenant_id and enrollments.course_id = courses.course_id
    cross join refresh
    where
        enrollments.status = 'active'
        and courses.status = 'published'
        and (courses.ends_at is null or refresh.as_of < courses.ends_at)
        and enrollments.completed_at is null
        and enrollments.waived_at is null
),

flagged as (
    select
        *,
        {{ risk_flags('as_of', 'failed_last') }}
    from candidates
),

explained as (
    select
        flagged.tenant_id,
        flagged.course_id,
        flagged.learner_key,
        sum(weights.weight) as weight,
        jsonb_agg(weights.reason order by weights.position) as reasons,
        string_agg(weights.explanation, '. ' order by weights.position) || '.' as explanation
    from flagged
    cross join lateral {{ risk_reasons() }} as held (reason, is_held)
    inner join weights on held.is_held and held.reason = weights.reason
    group by flagged.tenant_id, flagged.course_id, flagged.learner_key
)

select
    flagged.tenant_id,
    flagged.course_id,
    flagged.learner_key,
    flagged.user_id,
    flagged.due_at,
    explained.weight is not null as at_risk,
    coalesce(explained.weight, 0)::double precision / 100 as score,
    coalesce(explained.reasons, '[]'::jsonb) as reasons,
    coalesce(explained.explanation, '') as explanation,
    flagged.is_inactive,
    flagged.is_behind,
    flagged.has_low_grades,
    flagged.has_failed,
    flagged.is_due
from flagged
left join explained
    on
        flagged.tenant_id = explained.tenant_id
        and flagged.course_id = explained.course_id
        and flagged.learner_key = explained.learner_key
