{{ config(key=['tenant_id', 'learner_key', 'video_key', 'viewing_key'], scope='learners') }}

with statements as (
    select * from {{ ref('int_viewing_statements') }} where {{ touched('learners', 'int_viewing_statements') }}
),

segments as (
    select * from {{ ref('int_played_segments') }} where {{ touched('learners', 'int_played_segments') }}
),

videos as (select * from {{ ref('int_videos') }}),

viewings as (
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        max(user_id) as user_id,
        max(viewing) as viewing,
        (array_agg(course_id order by occurred_at, statement_id))[1] as course_id,
        (array_agg(lesson_id order by occurred_at, statement_id))[1] as lesson_id,
        (array_agg(standing order by occurred_at, statement_id))[1] as standing,
        min(occurred_at) as first_at,
        min(completion_threshold) filter (where completion_threshold between 0 and 1) as threshold,
        bool_or(kind = 'completed') as says_completed
    from statements
    group by tenant_id, learner_key, video_key, viewing_key
    having bool_or(kind in ('played', 'paused', 'seeked', 'completed') or played_segments is not null)
),

watched as (
    select
        tenant_id,
        learner_key,
        video_key,
        viewing_key,
        jsonb_agg(jsonb_build_array(trim_scale(begins_at), trim_scale(ends_at)) order by number) as segments,
        range_agg(numrange(begins_at, ends_at)) as seen
    from segments
    group by tenant_id, learner_key, video_key, viewing_key
),

measured as (
    select
        viewings.*,
        videos.video_iri,
        videos.length,
        coalesce(viewings.threshold, videos.threshold, 0.95) as enough,
        coalesce(watched.segments, '[]'::jsonb) as segments,
        coalesce(
            (select sum(upper(parts.part) - lower(parts.part)) from unnest(watched.seen) as parts (part)), 0
        )::double precision as watched_seconds
    from viewings
    left join videos on viewings.tenant_id = videos.tenant_id and viewings.video_key = videos.video_key
    left join watched
        on
            viewings.tenant_id = watched.tenant_id
            and viewings.learner_key = watched.learner_key
            and viewings.video_key = watched.video_key
            and viewings.viewing_key = watched.viewing_key
)

select
    tenant_id,
    learner_key,
    user_id,
    video_key,
    video_iri,
    viewing_key,
    viewing,
    course_id,
    lesson_id,
    standing,
    first_at,
    segments,
    watched_seconds,
    {{ share('watched_seconds', 'length') }} as share,
    coalesce(says_completed or watched_seconds / length >= enough, false) as completed
from measured
