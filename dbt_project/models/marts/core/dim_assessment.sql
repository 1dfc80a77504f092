{{ config(key=['tenant_id', 'assessment_id'], scope='courses', indexes=[['tenant_id', 'course_id']]) }}

with assessments as (
    select * from {{ ref('stg_lms__assessments') }} as assessments
    where {{ touched('courses', 'assessments') }}
),

periods as (select * from {{ ref('stg_lms__content_periods') }} where kind = 'assessment' and ends_at = 'infinity')

select
    assessments.tenant_id,
    assessments.assessment_id,
    assessments.course_id,
    assessments.lesson_id,
    assessments.title,
    assessments.type,
    assessments.max_score,
    assessments.passing_score,
    assessments.passing_score / assessments.max_score as passing_share,
    assessments.max_attempts,
    coalesce(periods.required, false) as is_required,
    periods.content_id is null as is_removed,
    assessments.activity_iri,
    assessments.external_id
from assessments
left join periods on assessments.tenant_id = periods.tenant_id and assessments.assessment_id = periods.content_id
