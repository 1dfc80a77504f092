{{ config(key=['tenant_id', 'video_key', 'course_id'], scope='videos') }}

with learners as (
    select * from {{ ref('int_learner_views') }}
    where {{ touched('videos', 'int_learner_views') }} and standing = 'learner' and course_id is not null
),

texts as (select * from {{ ref('int_activity_texts') }}),

summed as (
    select
        tenant_id,
        video_key,
        video_iri,
        course_id,
        min(lesson_id) as lesson_id,
        count(*) as learners,
        sum(viewings)::bigint as viewings,
        count(*) filter (where completed) as completed,
        max(length) as length,
        {{ exact_mean('watched_seconds / length') }} as mean_share
    from learners
    group by tenant_id, video_key, video_iri, course_id
)

select
    summed.tenant_id,
    summed.video_key,
    summed.video_iri,
    coalesce(texts.name, summed.video_iri) as title,
    summed.course_id,
    summed.lesson_id,
    summed.learners,
    summed.viewings,
    summed.completed,
    summed.length,
    summed.mean_share
from summed
left join texts on summed.tenant_id = texts.tenant_id and summed.video_key = texts.video_key
