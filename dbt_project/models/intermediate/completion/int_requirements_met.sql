{{ config(key=['tenant_id', 'learner_key', 'course_id'], scope='learners') }}

-- The first moment at which all that a course required at that moment had been done. What is required and not yet done
-- is a span of time; the moments that count are those within a requirement and outside of all such spans.
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

periods as (select * from {{ ref('stg_lms__content_periods') }} where required and starts_at < ends_at),

lessons_done as (
    select * from {{ ref('int_lessons_done') }} as lessons_done
    where {{ touched('learners', 'lessons_done') }}
),

passed as (
    select * from {{ ref('int_assessments_passed') }} as passed
    where {{ touched('learners', 'passed') }}
),

done as (
    select
        tenant_id,
        learner_key,
        'lesson' as kind,
        lesson_id as content_id,
        completed_at as done_at
    from lessons_done
    union all
    select
        tenant_id,
        learner_key,
        'assessment' as kind,
        assessment_id as content_id,
        passed_at as done_at
    from passed
),

spans as (
    select
        enrollments.tenant_id,
        enrollments.learner_key,
        enrollments.user_id,
        enrollments.course_id,
        range_agg(tstzrange(periods.starts_at, periods.ends_at)) as required,
        range_agg(
            tstzrange(
                periods.starts_at,
                greatest(periods.starts_at, least(periods.ends_at, coalesce(done.done_at, 'infinity')))
            )
        ) as missing
    from enrollments
    inner join periods on enrollments.tenant_id = periods.tenant_id and enrollments.course_id = periods.course_id
    left join done
        on
            enrollments.tenant_id = done.tenant_id and enrollments.learner_key = done.learner_key
            and periods.kind = done.kind and periods.content_id = done.content_id
    group by enrollments.tenant_id, enrollments.learner_key, enrollments.user_id, enrollments.course_id
)

select
    tenant_id,
    learner_key,
    user_id,
    course_id,
    lower(required - missing) as met_at
from spans
where not isempty(required - missing)
