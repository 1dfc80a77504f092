{{ config(
    key=['tenant_id', 'activity_key'],
    scope='definitions',
    touches={'items': ['tenant_id', 'item_key'], 'videos': ['tenant_id', 'video_key']}
) }}

{%- set last = 'order by definitions.stored desc, definitions.statement_id desc' %}

with definitions as (select * from {{ ref('stg_xapi__activity_definitions') }}),

responses as (select * from {{ ref('fct_question_responses') }}),

videos as (select * from {{ ref('int_videos') }}),

shown as (
    select
        responses.tenant_id,
        responses.item_key as activity_key
    from responses
    where {{ touched('definitions', 'responses', {'activity_key': 'item_key'}) }}
    union
    select
        videos.tenant_id,
        videos.video_key as activity_key
    from videos
    where {{ touched('definitions', 'videos', {'activity_key': 'video_key'}) }}
)

-- Of two definitions that say different things the one used last wins, property by property.
select
    definitions.tenant_id,
    definitions.activity_key,
    definitions.activity_key as item_key,
    definitions.activity_key as video_key,
    {%- for property in ['name', 'description', 'interaction_type', 'choices', 'targets'] %}
    (array_agg(definitions.{{ property }} {{ last }}) filter (where definitions.{{ property }} is not null))[1]
        as {{ property }}{{ ',' if not loop.last }}
    {%- endfor %}
from definitions
inner join shown on definitions.tenant_id = shown.tenant_id and definitions.activity_key = shown.activity_key
group by definitions.tenant_id, definitions.activity_key
