-- depends_on: {{ ref('int_activity_texts') }}
{{ config(key=['tenant_id', 'video_key', 'course_id', 'second'], scope='videos') }}

with learners as (
    select * from {{ ref('int_learner_views') }}
    where {{ touched('videos', 'int_learner_views') }} and standing = 'learner' and course_id is not null
),

ranges as (
    select
        learners.tenant_id,
        learners.video_key,
        learners.video_iri,
        learners.course_id,
        (ranges.pair ->> 0)::integer as first_second,
        (ranges.pair ->> 1)::integer as second_after,
        1 as views,
        0 as first_views
    from learners
    cross join lateral jsonb_array_elements(learners.coverings) as ranges (pair)
    union all
    select
        learners.tenant_id,
        learners.video_key,
        learners.video_iri,
        learners.course_id,
        (ranges.pair ->> 0)::integer as first_second,
        (ranges.pair ->> 1)::integer as second_after,
        0 as views,
        1 as first_views
    from learners
    cross join lateral jsonb_array_elements(learners.seen_seconds) as ranges (pair)
),

changes as (
    select
        ranges.tenant_id,
        ranges.video_key,
        ranges.video_iri,
        ranges.course_id,
        ends.second,
        sum(ends.direction * ranges.views) as views,
        sum(ends.direction * ranges.first_views) as first_views
    from ranges
    cross join lateral (values (ranges.first_second, 1), (ranges.second_after, -1)) as ends (second, direction)
    group by ranges.tenant_id, ranges.video_key, ranges.video_iri, ranges.course_id, ends.second
),

running as (
    select
        tenant_id,
        video_key,
        video_iri,
        course_id,
        second,
        lead(second) over of_video as next_second,
        sum(views) over of_video as views,
        sum(first_views) over of_video as first_views
    from changes
    window of_video as (partition by tenant_id, video_key, video_iri, course_id order by second)
)

select
    running.tenant_id,
    running.video_key,
    running.video_iri,
    running.course_id,
    seconds.second,
    running.first_views::bigint as first_views,
    (running.views - running.first_views)::bigint as rewatches
from running
cross join lateral generate_series(running.second, running.next_second - 1) as seconds (second)
where running.views > 0
