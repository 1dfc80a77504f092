{{ config(
    key=['tenant_id', 'video_key'],
    scope='videos',
    touches={'video_lengths': ['tenant_id', 'video_key'], 'definitions': ['tenant_id', 'video_key']},
    post_hook="{{ log_viewers() }}"
) }}

with viewers as (
    select * from {{ ref('int_learner_videos') }} as viewers where {{ touched('videos', 'viewers') }}
)

select
    tenant_id,
    video_key,
    min(video_iri) as video_iri,
    max(length) as length,
    min(threshold) as threshold
from viewers
group by tenant_id, video_key
