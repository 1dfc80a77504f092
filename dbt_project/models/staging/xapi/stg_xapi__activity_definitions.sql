with definitions as (select * from {{ source('xapi', 'activity_definitions') }})

select
    tenant_id,
    activity_key,
    stored,
    statement_id,
    definition ->> 'interactionType' as interaction_type,
    (select texts.value from json_each_text(definition -> 'name') as texts limit 1) as name,
    (select texts.value from json_each_text(definition -> 'description') as texts limit 1) as description,
    (
        coalesce(definition -> 'choices', definition -> 'source', definition -> 'scale', definition -> 'steps')
    )::jsonb as choices,
    (definition -> 'target')::jsonb as targets
from definitions
where json_typeof(definition) = 'object'
