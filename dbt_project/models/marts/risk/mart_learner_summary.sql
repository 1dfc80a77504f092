{{ config(key=['tenant_id', 'course_id', 'learner_key']) }}

with enrollments as (select * from {{ ref('int_learner_enrollments') }}),

risks as (select * from {{ ref('mart_learners_at_risk') }})

select
    enrollments.tenant_id,
    enrollments.course_id,
    enrollments.learner_key,
    enrollments.user_id,
    enrollments.cohort,
    enrollments.enrolled_at,
    enrollments.status,
    enrollments.due_at,
    {{ share('enrollments.completed_lessons', 'enrollments.required_lessons') }} as progress,
    enrollments.completed_at,
    enrollments.waived_at is not null as waived,
    enrollments.lessons_completed,
    enrollments.last_active_at,
    enrollments.active_seconds,
    enrollments.statements,
    enrollments.mean_best_share,
    coalesce(risks.at_risk, false) as at_risk,
    risks.score,
    coalesce(risks.reasons, '[]'::jsonb) as reasons,
    coalesce(risks.explanation, '') as explanation
from enrollments
left join risks
    on
        enrollments.tenant_id = risks.tenant_id
        and enrollments.course_id = risks.course_id
        and enrollments.learner_key = risks.learner_key
