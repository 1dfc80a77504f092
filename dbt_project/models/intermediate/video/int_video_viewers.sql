{{ config(key=['tenant_id', 'video_key', 'learner_key'], scope='video_lengths',
    touches={'learners': ['tenant_id', 'learner_key']}) }}

with videos as (
    select * from {{ ref('int_videos') }} where {{ touched('video_lengths', 'int_videos') }}
),

viewers as (select * from {{ ref('int_learner_videos') }})

select
    videos.tenant_id,
    videos.video_key,
    viewers.learner_key,
    videos.length,
    videos.threshold
from videos
inner join viewers on videos.tenant_id = viewers.tenant_id and videos.video_key = viewers.video_key
