{{ config(key=['tenant_id', 'learner_key'], scope='learners') }}

with users as (
    select *
    from (
        select
            *,
            'u:' || user_id as learner_key
        from {{ ref('stg_lms__users') }}
    ) as users
    where {{ touched('learners', 'users') }}
),

statements as (
    select * from {{ ref('fct_statement_learners') }} as statements
    where {{ touched('learners', 'statements') }}
),

forms as (select * from {{ source('xapi', 'agents') }}),

strangers as (
    select
        tenant_id,
        learner_key,
        agent_key,
        max(match) as match
    from statements
    where user_id is null
    group by tenant_id, learner_key, agent_key
)

select
    tenant_id,
    learner_key,
    user_id,
    full_name as name,
    email,
    role,
    external_id,
    is_active,
    true as is_matched,
    null as agent
from users
union all
select
    strangers.tenant_id,
    strangers.learner_key,
    null as user_id,
    form.agent ->> 'name' as name,
    substr(form.agent ->> 'mbox', 8) as email,
    null as role,
    null as external_id,
    null as is_active,
    false as is_matched,
    form.agent::text as agent
from strangers
left join lateral (
    select forms.agent
    from forms
    where forms.tenant_id = strangers.tenant_id and forms.agent_key = strangers.agent_key
    order by forms.form_key
    limit 1
) as form on true
