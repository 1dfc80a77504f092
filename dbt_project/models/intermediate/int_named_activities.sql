{{ config(key=['tenant_id', 'activity_key'], scope='keys', touches={'activities': ['tenant_id', 'activity_key']}) }}

-- Activities by which statements may be placed.
with statements as (
    select * from {{ ref('int_statements') }} as statements
    where {{ touched_so_far('statements', 'statements') }}
)

select distinct
    statements.tenant_id,
    named.activity_key
from statements
cross join
    lateral unnest(
        statements.object_key || statements.parent_keys || statements.grouping_keys || statements.other_keys
    ) as named (activity_key)
where named.activity_key is not null
