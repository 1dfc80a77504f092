{{ config(key=['tenant_id', 'statement_id'], scope='statements') }}

with statements as (
    select * from {{ ref('int_statements') }} as statements
    where {{ touched('statements', 'statements') }}
),

learners as (
    select * from {{ ref('fct_statement_learners') }} as learners
    where {{ touched('statements', 'learners') }}
),

-- A group's members may differ in where they have been enrolled; then nobody can say where they were.
places as (
    select
        tenant_id,
        statement_id,
        case when bool_and(kind = 'graded') then 'graded' else min(kind) filter (where kind <> 'graded') end as kind,
        min(local_day) as local_day,
        count(distinct row(course_id, lesson_id, assessment_id)) = 1 as is_one,
        min(place) as place,
        min(place_level) as place_level,
        min(place_trouble) as place_trouble,
        min(course_id) as course_id,
        min(lesson_id) as lesson_id,
        min(assessment_id) as assessment_id
    from learners
    group by tenant_id, statement_id
)

select
    statements.tenant_id,
    statements.statement_id,
    statements.stored,
    statements.occurred_at,
    statements.occurred_flag,
    places.local_day,
    places.kind,
    statements.verb_iri,
    statements.verb_kind,
    statements.actor_key,
    statements.is_group,
    statements.object_key,
    statements.object_iri,
    statements.activity_type,
    case when places.is_one then places.place else 'none' end as place,
    case when places.is_one then places.place_level end as place_level,
    case when places.is_one then places.place_trouble else 'ambiguous' end as place_trouble,
    case when places.is_one then places.course_id end as course_id,
    case when places.is_one then places.lesson_id end as lesson_id,
    case when places.is_one then places.assessment_id end as assessment_id,
    statements.success,
    statements.completion,
    statements.scaled,
    statements.raw,
    statements.min as min_score,
    statements.max as max_score,
    statements.response,
    statements.registration,
    statements.session_id,
    statements.attempt_id,
    statements.video_length,
    statements.video_time,
    statements.video_time_from,
    statements.video_time_to,
    statements.played_segments,
    statements.video_progress,
    statements.completion_threshold,
    statements.credential_id,
    statements.parse_trouble
from statements
inner join places on statements.tenant_id = places.tenant_id and statements.statement_id = places.statement_id
