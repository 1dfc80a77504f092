{{ config(key=['tenant_id', 'item_key', 'course_id', 'assessment_id'], scope='items') }}

with responses as (
    select * from {{ ref('fct_question_responses') }}
    where {{ touched('items', 'fct_question_responses') }} and standing = 'learner' and course_id is not null
),

discriminations as (select * from {{ ref('int_item_discrimination') }}),

texts as (select * from {{ ref('int_activity_texts') }}),

counted as (
    select
        tenant_id,
        item_key,
        item_iri,
        course_id,
        min(lesson_id) as lesson_id,
        assessment_id,
        count(*) as learners,
        count(correct) as judged,
        count(*) filter (where correct) as correct
    from responses
    group by tenant_id, item_key, item_iri, course_id, assessment_id
)

select
    counted.tenant_id,
    counted.item_key,
    counted.item_iri,
    coalesce(texts.description, texts.name, counted.item_iri) as question,
    texts.interaction_type,
    counted.course_id,
    counted.lesson_id,
    counted.assessment_id,
    counted.learners,
    counted.judged,
    counted.correct,
    {{ share('counted.correct', 'counted.judged') }} as difficulty,
    discriminations.discrimination
from counted
left join texts on counted.tenant_id = texts.tenant_id and counted.item_key = texts.item_key
left join discriminations
    on
        counted.tenant_id = discriminations.tenant_id
        and counted.assessment_id = discriminations.assessment_id
        and counted.item_key = discriminations.item_key
