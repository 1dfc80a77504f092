{{ config(key=['tenant_id', 'lesson_id'], scope='courses', indexes=[['tenant_id', 'course_id']]) }}

with lessons as (
    select * from {{ ref('stg_lms__lessons') }} as lessons
    where {{ touched('courses', 'lessons') }}
),

modules as (select * from {{ ref('stg_lms__modules') }}),

periods as (select * from {{ ref('stg_lms__content_periods') }} where kind = 'lesson' and ends_at = 'infinity')

select
    lessons.tenant_id,
    lessons.lesson_id,
    lessons.course_id,
    lessons.title,
    lessons.module_id,
    modules.title as module_title,
    modules.position as module_position,
    lessons.position,
    lessons.content_type,
    lessons.duration_min,
    coalesce(periods.required, false) as is_required,
    periods.content_id is null as is_removed,
    lessons.activity_iri,
    lessons.external_id
from lessons
left join modules
    on
        lessons.tenant_id = modules.tenant_id and lessons.course_id = modules.course_id
        and lessons.module_id = modules.module_id
left join periods on lessons.tenant_id = periods.tenant_id and lessons.lesson_id = periods.content_id
