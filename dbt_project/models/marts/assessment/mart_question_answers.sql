-- depends_on: {{ ref('int_item_discrimination') }}
{{ config(key=['tenant_id', 'item_key', 'course_id', 'assessment_id', 'answer'], scope='items') }}

with responses as (
    select * from {{ ref('fct_question_responses') }}
    where
        {{ touched('items', 'fct_question_responses') }}
        and standing = 'learner'
        and course_id is not null
        and response is not null
),

texts as (select * from {{ ref('int_activity_texts') }}),

answers as (
    select
        responses.tenant_id,
        responses.item_key,
        responses.item_iri,
        responses.course_id,
        responses.assessment_id,
        responses.learner_key,
        parts.answer,
        texts.choices,
        texts.targets
    from responses
    left join texts on responses.tenant_id = texts.tenant_id and responses.item_key = texts.item_key
    cross join lateral unnest(
        case
            when texts.interaction_type in ('choice', 'sequencing', 'matching')
                then string_to_array(responses.response, '[,]')
            else array[responses.response]
        end
    ) as parts (answer)
),

counted as (
    select
        tenant_id,
        item_key,
        item_iri,
        course_id,
        assessment_id,
        answer,
        choices,
        targets,
        count(distinct learner_key) as learners
    from answers
    group by tenant_id, item_key, item_iri, course_id, assessment_id, answer, choices, targets
)

select
    tenant_id,
    item_key,
    item_iri,
    course_id,
    assessment_id,
    answer,
    {{ choice_text('choices', "split_part(answer, '[.]', 1)") }}
    || coalesce(' → ' || {{ choice_text('targets', "split_part(answer, '[.]', 2)") }}, '') as answer_text,
    learners
from counted
