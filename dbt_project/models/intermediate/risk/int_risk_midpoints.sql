{{ config(key=['tenant_id', 'course_id', 'learner_key'], scope='learners') }}

{%- set columns = {
    'user_id': 'text', 'cohort': 'text', 'enrolled_at': 'timestamptz', 'due_at': 'timestamptz', 'end_at': 'timestamptz',
    'middle_at': 'timestamptz', 'completed_at': 'timestamptz', 'last_active_at': 'timestamptz',
    'required_lessons': 'bigint', 'completed_lessons': 'bigint', 'sum_of_bests': 'numeric',
    'sum_of_passing_shares': 'numeric',
} %}
{%- set parts = {
    'asked': ['user_id', 'cohort', 'enrolled_at', 'due_at', 'end_at', 'middle_at', 'completed_at'],
    'activity': ['last_active_at'],
    'lessons': ['required_lessons', 'completed_lessons'],
    'grades': ['sum_of_bests', 'sum_of_passing_shares'],
} %}

with enrollments as (
    select
        *,
        enrolled_at + make_interval(secs => (extract(epoch from end_at - enrolled_at) / 2)::double precision)
            as middle_at
    from {{ ref('int_learner_enrollments') }} as int_learner_enrollments
    where
        {{ touched('learners', 'int_learner_enrollments') }}
        and end_at is not null
        and status <> 'withdrawn'
        and waived_at is null
),

courses as (select * from {{ ref('stg_lms__courses') }}),

periods as (select * from {{ ref('stg_lms__content_periods') }} where required),

steps as (select * from {{ ref('int_learner_steps') }} where {{ touched('learners', 'int_learner_steps') }}),

lesson_completions as (
    select * from {{ ref('fct_lesson_completion') }} where {{ touched('learners', 'fct_lesson_completion') }}
),

attempts as (
    select * from {{ ref('fct_assessment_attempts') }} where {{ touched('learners', 'fct_assessment_attempts') }}
),

asked as (
    select enrollments.*
    from enrollments
    inner join courses on enrollments.tenant_id = courses.tenant_id and enrollments.course_id = courses.course_id
    where
        courses.status <> 'archived'
        and courses.published_at <= enrollments.middle_at
        and (enrollments.completed_at is null or enrollments.completed_at >= enrollments.middle_at)
),

activity as (
    select
        asked.tenant_id,
        asked.course_id,
        asked.learner_key,
        max(steps.occurred_at) as last_active_at
    from asked
    inner join steps
        on
            asked.tenant_id = steps.tenant_id
            and asked.learner_key = steps.learner_key
            and asked.course_id = steps.course_id
            and asked.middle_at > steps.occurred_at
    group by asked.tenant_id, asked.course_id, asked.learner_key
),

lessons as (
    select
        asked.tenant_id,
        asked.course_id,
        asked.learner_key,
        count(*) as required_lessons,
        count(lesson_completions.completed_at) as completed_lessons
    from asked
    inner join periods
        on
            asked.tenant_id = periods.tenant_id
            and asked.course_id = periods.course_id
            and periods.kind = 'lesson'
            and asked.middle_at >= periods.starts_at
            and asked.middle_at < periods.ends_at
    left join lesson_completions
        on
            asked.tenant_id = lesson_completions.tenant_id
            and asked.learner_key = lesson_completions.learner_key
            and periods.content_id = lesson_completions.lesson_id
            and asked.middle_at > lesson_completions.completed_at
    group by asked.tenant_id, asked.course_id, asked.learner_key
),

-- By then only what was submitted, and of that only the grades that were known.
submitted as (
    select
        asked.tenant_id,
        asked.course_id,
        asked.learner_key,
        asked.middle_at,
        attempts.assessment_id,
        attempts.passing_share,
        case when attempts.graded_at < asked.middle_at then attempts.share end as share,
        attempts.graded_at < asked.middle_at and not attempts.passed as is_failed,
        row_number() over (
            partition by asked.tenant_id, asked.course_id, asked.learner_key, attempts.assessment_id
            order by attempts.ordinal desc
        ) = 1 as is_last
    from asked
    inner join attempts
        on
            asked.tenant_id = attempts.tenant_id
            and asked.learner_key = attempts.learner_key
            and asked.course_id = attempts.course_id
            and asked.middle_at > attempts.submitted_at
),

assessments as (
    select
        submitted.tenant_id,
        submitted.course_id,
        submitted.learner_key,
        max(submitted.share)::numeric as best_share,
        max(submitted.passing_share)::numeric as passing_share,
        bool_or(submitted.is_last and submitted.is_failed and periods.content_id is not null) as has_failed
    from submitted
    left join periods
        on
            submitted.tenant_id = periods.tenant_id
            and submitted.assessment_id = periods.content_id
            and periods.kind = 'assessment'
            and submitted.middle_at >= periods.starts_at
            and submitted.middle_at < periods.ends_at
    group by submitted.tenant_id, submitted.course_id, submitted.learner_key, submitted.assessment_id
),

grades as (
    select
        tenant_id,
        course_id,
        learner_key,
        sum(best_share) filter (where passing_share is not null) as sum_of_bests,
        sum(passing_share) filter (where best_share is not null) as sum_of_passing_shares,
        bool_or(has_failed) as has_failed
    from assessments
    group by tenant_id, course_id, learner_key
),

-- Put together by their key and not joined: parts of a query have no statistics, so that a join may go astray.
known as (
    select
        tenant_id,
        course_id,
        learner_key,
        {%- for column in columns %}
        max({{ column }}) as {{ column }},
        {%- endfor %}
        bool_or(has_failed) as failed_before
    from (
        {%- for part, known in parts.items() %}
        {{ 'union all' if not loop.first }}
        select
            tenant_id,
            course_id,
            learner_key,
            {%- for column, type in columns.items() %}
            {{ column if column in known else 'null::' ~ type }} as {{ column }},
            {%- endfor %}
            {{ 'has_failed' if part == 'grades' else 'null::boolean' }} as has_failed
        from {{ part }}
        {%- endfor %}
    ) as parts
    group by tenant_id, course_id, learner_key
),

flagged as (
    select
        known.*,
        {{ risk_flags('middle_at', 'failed_before') }}
    from known
)

select
    tenant_id,
    course_id,
    learner_key,
    user_id,
    cohort,
    middle_at,
    end_at,
    is_inactive or is_behind or has_low_grades or has_failed or is_due as is_flagged,
    coalesce(completed_at <= end_at, false) as is_completed
from flagged
