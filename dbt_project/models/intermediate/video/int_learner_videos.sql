-- depends_on: {{ ref('touched_learners') }}
{{ config(key=['tenant_id', 'learner_key', 'video_key'], scope='learners',
    touches={'videos': ['tenant_id', 'video_key']}, indexes=[['tenant_id', 'video_key']]) }}

with statements as (
    select * from {{ ref('fct_statement_learners') }}
    where {{ touched_so_far('learners', 'fct_statement_learners') }} and is_video and object_key is not null
),

details as (select * from {{ ref('fct_statements') }})

-- A length of 100,000 seconds or more is a player's mistake, as is one of nothing while a film is being loaded.
select
    statements.tenant_id,
    statements.learner_key,
    statements.object_key as video_key,
    min(details.object_iri) as video_iri,
    max(details.video_length) filter (where details.video_length > 0 and details.video_length < 100000) as length,
    min(details.completion_threshold) filter (where details.completion_threshold between 0 and 1) as threshold
from statements
inner join details on statements.tenant_id = details.tenant_id and statements.statement_id = details.statement_id
group by statements.tenant_id, statements.learner_key, statements.object_key
