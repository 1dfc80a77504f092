{{ config(key=['tenant_id', 'course_id', 'lesson_id'], scope='courses') }}

with enrolled as (
    select * from {{ ref('int_enrolled_learners') }} as enrolled
    where {{ touched('courses', 'enrolled') }}
),

begun as (
    select * from {{ ref('int_lessons_started') }} as begun
    where {{ touched('courses', 'begun') }}
),

required as (
    select *
    from {{ ref('stg_lms__content_periods') }}
    where kind = 'lesson' and required and ends_at = 'infinity'
),

lessons as (select * from {{ ref('stg_lms__lessons') }}),

modules as (select * from {{ ref('stg_lms__modules') }}),

sizes as (
    select
        tenant_id,
        course_id,
        count(*) filter (where status <> 'withdrawn') as enrolled
    from enrolled
    group by tenant_id, course_id
),

reached as (
    select
        tenant_id,
        course_id,
        lesson_id,
        count(*) as started,
        count(*) filter (where is_completed) as completed
    from begun
    group by tenant_id, course_id, lesson_id
),

steps as (
    select
        sizes.tenant_id,
        sizes.course_id,
        required.content_id as lesson_id,
        sizes.enrolled,
        coalesce(reached.started, 0) as started,
        coalesce(reached.completed, 0) as completed,
        row_number() over of_course as position,
        lag(coalesce(reached.completed, 0), 1, sizes.enrolled) over of_course as before
    from sizes
    inner join required on sizes.tenant_id = required.tenant_id and sizes.course_id = required.course_id
    inner join lessons on required.tenant_id = lessons.tenant_id and required.content_id = lessons.lesson_id
    left join modules
        on
            lessons.tenant_id = modules.tenant_id and lessons.course_id = modules.course_id
            and lessons.module_id = modules.module_id
    left join reached
        on
            sizes.tenant_id = reached.tenant_id and sizes.course_id = reached.course_id
            and required.content_id = reached.lesson_id
    window of_course as (
        partition by sizes.tenant_id, sizes.course_id
        order by modules.position, lessons.position, lessons.module_id, lessons.lesson_id
    )
)

select
    tenant_id,
    course_id,
    lesson_id,
    position::integer as position,
    enrolled,
    started,
    completed,
    1 - completed / nullif(before, 0)::double precision as drop_off
from steps
