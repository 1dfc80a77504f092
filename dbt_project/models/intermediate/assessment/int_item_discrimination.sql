{{ config(key=['tenant_id', 'assessment_id', 'item_key'], scope='question_sets',
    touches={'items': ['tenant_id', 'item_key']}) }}

with answers as (
    select
        tenant_id,
        assessment_id,
        item_key,
        learner_key,
        correct::integer as correct
    from {{ ref('fct_question_responses') }}
    where
        {{ touched('question_sets', 'fct_question_responses') }}
        and assessment_id is not null
        and correct is not null
        and standing = 'learner'
),

sizes as (
    select
        tenant_id,
        assessment_id,
        count(distinct learner_key) as learners
    from answers
    group by tenant_id, assessment_id
),

-- Items that fewer than 80 % answered leave the set.
items as (
    select
        answers.tenant_id,
        answers.assessment_id,
        answers.item_key,
        count(*) over (partition by answers.tenant_id, answers.assessment_id) as items
    from answers
    inner join sizes on answers.tenant_id = sizes.tenant_id and answers.assessment_id = sizes.assessment_id
    group by answers.tenant_id, answers.assessment_id, answers.item_key, sizes.learners
    having count(*) * 5 >= sizes.learners * 4
),

kept as (
    select
        answers.*,
        items.items,
        count(*) over of_learner as answered,
        sum(answers.correct) over of_learner - answers.correct as others
    from answers
    inner join items
        on
            answers.tenant_id = items.tenant_id
            and answers.assessment_id = items.assessment_id
            and answers.item_key = items.item_key
    window of_learner as (partition by answers.tenant_id, answers.assessment_id, answers.learner_key)
),

-- Whole numbers, so that nothing is lost: the correlation with a sum is that with the share.
sums as (
    select
        tenant_id,
        assessment_id,
        item_key,
        count(*) as learners,
        count(*) * sum(correct * others) - sum(correct) * sum(others) as together,
        count(*) * sum(correct) - sum(correct) * sum(correct) as spread_of_item,
        count(*) * sum(others * others) - sum(others) * sum(others) as spread_of_others
    from kept
    where answered = items and items > 1
    group by tenant_id, assessment_id, item_key
)

select
    tenant_id,
    assessment_id,
    item_key,
    learners,
    together::double precision
    / sqrt(spread_of_item::double precision * spread_of_others::double precision) as discrimination
from sums
where learners >= 10 and spread_of_item > 0 and spread_of_others > 0
