with definitions as (select * from {{ source('xapi', 'activity_definitions') }})

select
    definitions.tenant_id,
    definitions.activity_key,
    definitions.stored,
    definitions.statement_id,
    definitions.definition ->> 'interactionType' as interaction_type,
    {%- for text in ['name', 'description'] %}
    coalesce(
        definitions.definition #>> '{ {{- text -}} ,en-US}',
        definitions.definition #>> '{ {{- text -}} ,en}',
        (select min(texts.value) from json_each_text(definitions.definition -> '{{ text }}') as texts)
    ) as {{ text }},
    {%- endfor %}
    coalesce(
        definitions.definition -> 'choices', definitions.definition -> 'source', definitions.definition -> 'scale',
        definitions.definition -> 'steps'
    )::jsonb as choices,
    (definitions.definition -> 'target')::jsonb as targets
from definitions
where json_typeof(definitions.definition) = 'object'
