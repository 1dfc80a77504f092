-- Nobody sees a second for the first time twice, and nothing is seen again that was not seen.
select
    seconds.tenant_id,
    seconds.video_key,
    seconds.second
from {{ ref('mart_video_engagement') }} as seconds
left join {{ ref('mart_video_summary') }} as summary
    on
        seconds.tenant_id = summary.tenant_id and seconds.video_key = summary.video_key
        and seconds.course_id = summary.course_id
where
    summary.learners is null or seconds.first_views > summary.learners or seconds.first_views < 1
    or seconds.rewatches < 0
