{{ config(key=['tenant_id', 'learner_key', 'video_key', 'viewing_key', 'number'], scope='learners') }}

{%- set number = '^\\s*[0-9]{1,5}(\\.[0-9]{1,9})?\\s*$' %}

with statements as (
    select * from {{ ref('int_viewing_statements') }} where {{ touched('learners', 'int_viewing_statements') }}
),

-- It accumulates, so the last one says everything.
last_told as (
    select distinct on (tenant_id, learner_key, video_key, viewing_key)
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        played_segments
    from statements
    where played_segments is not null
    order by
        tenant_id asc, learner_key asc, video_key asc, viewing_key asc, occurred_at desc, statement_id desc
),

texts as (
    select
        last_told.*,
        segments.number,
        split_part(segments.text, '[.]', 1) as begins_text,
        split_part(segments.text, '[.]', 2) as ends_text
    from last_told
    cross join
        lateral unnest(string_to_array(last_told.played_segments, '[,]')) with ordinality as segments (text, number)
),

told as (
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        number,
        case when begins_text ~ '{{ number }}' then begins_text::numeric end as begins_at,
        case when ends_text ~ '{{ number }}' then ends_text::numeric end as ends_at
    from texts
),

silent as (
    select statements.* from statements
    left join last_told
        on
            statements.tenant_id = last_told.tenant_id
            and statements.learner_key = last_told.learner_key
            and statements.video_key = last_told.video_key
            and statements.viewing_key = last_told.viewing_key
    where last_told.tenant_id is null and statements.kind in ('played', 'paused', 'seeked', 'ended')
),

-- What is played until the very next pause, seek or end. A play that another play follows was not closed.
paired as (
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        kind,
        row_number() over of_viewing as number,
        position as begins_at,
        lead(kind) over of_viewing as next_kind,
        lead(position) over of_viewing as ends_at
    from silent
    window of_viewing as (
        partition by tenant_id, learner_key, video_key, viewing_key order by occurred_at, statement_id
    )
),

segments as (
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        number,
        begins_at,
        ends_at
    from told
    where ends_at > begins_at
    union all
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        number,
        begins_at::numeric as begins_at,
        ends_at::numeric as ends_at
    from paired
    where kind = 'played' and next_kind <> 'played' and ends_at > begins_at and begins_at >= 0 and ends_at < 100000
),

followed as (
    select
        *,
        lag(ends_at) over (
            partition by tenant_id, learner_key, video_key, viewing_key order by number
        ) as ended_before
    from segments
),

numbered as (
    select
        *,
        count(*) filter (where ended_before is distinct from begins_at) over (
            partition by tenant_id, learner_key, video_key, viewing_key order by number
        ) as joined_number
    from followed
)

-- A segment goes on with the one before it where that ended. Whatever overlaps stays apart: it was watched again.
select
    tenant_id,
    learner_key,
    video_key,
    viewing_key,
    joined_number as number,
    min(begins_at) as begins_at,
    max(ends_at) as ends_at
from numbered
group by tenant_id, learner_key, video_key, viewing_key, joined_number
