{{ config(materialized='log', log='learners') }}

-- All who watched a video whose length or threshold has changed: their time and their shares are others now.
with videos as (
    select * from {{ ref('int_videos') }} where {{ touched('video_lengths', 'int_videos') }}
),

viewers as (select * from {{ ref('int_learner_videos') }})

select
    viewers.tenant_id,
    viewers.learner_key
from videos
inner join viewers on videos.tenant_id = viewers.tenant_id and videos.video_key = viewers.video_key
