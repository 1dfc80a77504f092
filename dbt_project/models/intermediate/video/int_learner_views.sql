{{ config(key=['tenant_id', 'learner_key', 'video_key', 'course_id'], scope='learners',
    touches={'videos': ['tenant_id', 'video_key']}, indexes=[['tenant_id', 'video_key']]) }}

with viewings as (
    select * from {{ ref('fct_video_segments') }} where {{ touched('learners', 'fct_video_segments') }}
),

videos as (select * from {{ ref('int_videos') }}),

segments as (
    select
        viewings.tenant_id,
        viewings.learner_key,
        viewings.video_key,
        viewings.course_id,
        (segments.pair ->> 0)::numeric as begins_at,
        (segments.pair ->> 1)::numeric as ends_at
    from viewings
    cross join lateral jsonb_array_elements(viewings.segments) as segments (pair)
),

-- A second is watched when half of it or more lies within.
covered as (
    select
        *,
        (floor(begins_at) + (begins_at - floor(begins_at) > 0.5)::integer)::integer as first_second,
        (floor(ends_at) + (ends_at - floor(ends_at) >= 0.5)::integer)::integer as second_after,
        floor(begins_at) = ceil(ends_at) - 1 and ends_at - begins_at < 0.5 as is_moment
    from segments
),

seconds as (
    select
        tenant_id,
        learner_key,
        video_key,
        course_id,
        range_agg(numrange(begins_at, ends_at)) as seen,
        jsonb_agg(jsonb_build_array(first_second, second_after) order by first_second, second_after)
            filter (where not is_moment and first_second < second_after) as coverings,
        range_agg(int4range(first_second, second_after))
            filter (where not is_moment and first_second < second_after) as seen_seconds
    from covered
    group by tenant_id, learner_key, video_key, course_id
),

learners as (
    select
        tenant_id,
        learner_key,
        video_key,
        course_id,
        max(user_id) as user_id,
        min(lesson_id) as lesson_id,
        max(standing) as standing,
        count(*) as viewings,
        bool_or(completed) as completed
    from viewings
    group by tenant_id, learner_key, video_key, course_id
)

select
    learners.tenant_id,
    learners.learner_key,
    learners.user_id,
    learners.video_key,
    videos.video_iri,
    learners.course_id,
    learners.lesson_id,
    learners.standing,
    learners.viewings,
    learners.completed,
    videos.length,
    coalesce(
        (select sum(upper(parts.part) - lower(parts.part)) from unnest(seconds.seen) as parts (part)), 0
    )::double precision as watched_seconds,
    coalesce(seconds.coverings, '[]'::jsonb) as coverings,
    coalesce(
        (
            select jsonb_agg(jsonb_build_array(lower(parts.part), upper(parts.part)) order by lower(parts.part))
            from unnest(seconds.seen_seconds) as parts (part)
        ), '[]'::jsonb
    ) as seen_seconds
from learners
left join videos on learners.tenant_id = videos.tenant_id and learners.video_key = videos.video_key
left join seconds
    on
        learners.tenant_id = seconds.tenant_id
        and learners.learner_key = seconds.learner_key
        and learners.video_key = seconds.video_key
        and learners.course_id is not distinct from seconds.course_id
