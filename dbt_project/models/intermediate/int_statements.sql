{{ config(
    key=['tenant_id', 'statement_id'],
    scope='keys',
    touches={
        'statements': ['tenant_id', 'statement_id'],
        'definitions': ['tenant_id', 'activity_key'],
    }
) }}

{%- set cmi5 = 'https://w3id.org/xapi/cmi5/context/extensions/' %}
{%- set video = 'https://w3id.org/xapi/video/extensions/' %}

with statements as (
    select * from {{ ref('stg_xapi__statements') }} as statements
    where {{ in_new_batches('statements') }}
),

verb_kinds as (select * from {{ ref('verb_kinds') }}),

-- `limit 1` keeps the parsed body: without it the planner would parse again for each column.
bodies as (
    select
        statements.*,
        parsed.body
    from statements
    cross join lateral (
        select
            case
                when pg_input_is_valid(statements.statement::text, 'jsonb') then statements.statement::jsonb
            end as body
        limit 1
    ) as parsed
),

parts as (
    select
        bodies.*,
        part.*
    from bodies
    cross join lateral (
        select
            bodies.body #> '{object,definition}' as definition,
            bodies.body -> 'actor' as actor,
            bodies.body #> '{result,success}' as success_said,
            bodies.body #> '{result,completion}' as completion_said,
            bodies.body #> '{result,response}' as response_said,
            bodies.body #> '{result,score,scaled}' as scaled_said,
            bodies.body #> '{result,score,raw}' as raw_said,
            bodies.body #> '{result,score,min}' as min_said,
            bodies.body #> '{result,score,max}' as max_said,
            bodies.body #> '{result,extensions}' as outcome,
            bodies.body -> 'context' as context,
            bodies.body #> '{context,extensions}' as surroundings,
            bodies.body #> '{context,contextActivities}' as around,
            coalesce(bodies.body #>> '{object,objectType}', 'Activity') as object_type,
            coalesce(bodies.body #>> '{actor,objectType}' = 'Group', false) as is_group
        limit 1
    ) as part
),

read_parts as (
    select
        parts.*,
        readable.*,
        parts.object_type = 'Activity' and parts.body is not null as has_activity,
        coalesce(verb_kinds.kind, 'other') as verb_kind
    from parts
    left join verb_kinds on parts.body #>> '{verb,id}' = verb_kinds.verb_iri
    cross join lateral (
        select
            {{ flag('parts.success_said') }} as success,
            {{ flag('parts.completion_said') }} as completion,
            case when jsonb_typeof(parts.response_said) = 'string' then parts.response_said #>> '{}' end as response,
            {{ number('parts.scaled_said') }} as scaled,
            {{ number('parts.raw_said') }} as raw,
            {{ number('parts.min_said') }} as min_score,
            {{ number('parts.max_said') }} as max_score,
            nullif({{ loose_number("(parts.surroundings -> '" ~ video ~ "length')") }}, 0) as video_length,
            {{ loose_number("(parts.outcome -> '" ~ video ~ "time')") }} as video_time,
            {{ loose_number("(parts.outcome -> '" ~ video ~ "time-from')") }} as video_time_from,
            {{ loose_number("(parts.outcome -> '" ~ video ~ "time-to')") }} as video_time_to,
            {{ loose_number("(parts.outcome -> '" ~ video ~ "progress')") }} as video_progress,
            {{ loose_number("(parts.surroundings -> '" ~ video ~ "completion-threshold')") }} as completion_threshold
        limit 1
    ) as readable
)

select
    tenant_id,
    statement_id,
    stored,
    credential_id,
    case when claimed_at > stored + interval '5 minutes' then stored else claimed_at end as occurred_at,
    case
        when claimed_at > stored + interval '5 minutes' then 'ahead'
        when claimed_at < timestamptz '2000-01-01 00:00:00+00' then 'before_2000'
    end as occurred_flag,
    body #>> '{verb,id}' as verb_iri,
    verb_key,
    verb_kind,
    object_type = 'StatementRef' and body #>> '{verb,id}' = 'http://adlnet.gov/expapi/verbs/voided' as is_voiding,
    actor_key,
    {{ agent_key('tenant_id', "(context -> 'instructor')") }} as instructor_key,
    is_group,
    case when is_group and jsonb_typeof(actor -> 'member') = 'array' then (
        select array_agg(distinct {{ agent_key('tenant_id', 'member.agent') }})
        from jsonb_array_elements(actor -> 'member') as member (agent)
    ) end as member_keys,
    case when has_activity then object_key end as object_key,
    case when has_activity then body #>> '{object,id}' end as object_iri,
    case
        when has_activity and (
            verb_kind in ('answered', 'played', 'paused', 'seeked')
            or definition ->> 'interactionType' is not null
            or num_nonnulls(video_length, video_time, video_time_from, completion_threshold) > 0
        ) then object_key
    end as activity_key,
    {{ activity_keys('tenant_id', "(around -> 'parent')") }} as parent_keys,
    {{ activity_keys('tenant_id', "(around -> 'grouping')") }} as grouping_keys,
    {{ activity_keys('tenant_id', "(around -> 'other')") }} as other_keys,
    definition ->> 'type' as activity_type,
    case when jsonb_typeof(definition -> 'name') = 'object' then coalesce(
        definition #>> '{name,en-US}',
        definition #>> '{name,en}',
        (select min(named.value) from jsonb_each_text(definition -> 'name') as named)
    ) end as object_name,
    definition ->> 'interactionType' as interaction_type,
    success,
    completion,
    scaled,
    raw,
    min_score as min,
    max_score as max,
    response,
    registration,
    coalesce(
        surroundings ->> '{{ cmi5 }}sessionid', surroundings ->> '{{ video }}session-id'
    ) as session_id,
    coalesce(
        surroundings ->> 'http://id.tincanapi.com/extension/attempt-id',
        outcome ->> 'http://id.tincanapi.com/extension/attempt-id'
    ) as attempt_id,
    video_length,
    video_time,
    video_time_from,
    video_time_to,
    outcome ->> '{{ video }}played-segments' as played_segments,
    video_progress,
    completion_threshold,
    (
        verb_kind in ('played', 'paused', 'seeked')
        or num_nonnulls(video_length, video_time, video_time_from, completion_threshold) > 0
        or outcome ->> '{{ video }}played-segments' is not null
    ) as is_video,
    nullif(concat_ws(
        ', ',
        case when body is null then 'statement' end,
        {{ unread('success_said', 'success', 'result.success') }},
        {{ unread('completion_said', 'completion', 'result.completion') }},
        {{ unread('response_said', 'response', 'result.response') }},
        {{ unread('scaled_said', 'scaled', 'result.score.scaled') }},
        {{ unread('raw_said', 'raw', 'result.score.raw') }},
        {{ unread('min_said', 'min_score', 'result.score.min') }},
        {{ unread('max_said', 'max_score', 'result.score.max') }}
    ), '') as parse_trouble
from read_parts
