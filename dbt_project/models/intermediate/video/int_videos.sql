{{ config(key=['tenant_id', 'video_key'], scope='videos',
    touches={'video_lengths': ['tenant_id', 'video_key'], 'definitions': ['tenant_id', 'video_key']}) }}

with viewers as (
    select * from {{ ref('int_learner_videos') }} where {{ touched('videos', 'int_learner_videos') }}
)

select
    tenant_id,
    video_key,
    min(video_iri) as video_iri,
    max(length) as length,
    min(threshold) as threshold
from viewers
group by tenant_id, video_key
