{{ config(materialized='kept', key=['tenant_id', 'activity_key'], scope='definitions',
    touches={'items': ['tenant_id', 'item_key'], 'videos': ['tenant_id', 'video_key']}) }}

with definitions as (
    select * from {{ ref('stg_xapi__activity_definitions') }}
    where {{ touched('definitions', 'stg_xapi__activity_definitions') }}
)

-- Of two that say different things the one used last wins, property by property.
select
    tenant_id,
    activity_key,
    activity_key as item_key,
    activity_key as video_key,
    (array_agg(name order by stored desc, statement_id desc) filter (where name is not null))[1] as name,
    (array_agg(description order by stored desc, statement_id desc) filter (where description is not null))[1]
        as description,
    (array_agg(interaction_type order by stored desc, statement_id desc) filter (where interaction_type is not null))[1]
        as interaction_type,
    (array_agg(choices order by stored desc, statement_id desc) filter (where choices is not null))[1] as choices,
    (array_agg(targets order by stored desc, statement_id desc) filter (where targets is not null))[1] as targets
from definitions
group by tenant_id, activity_key
