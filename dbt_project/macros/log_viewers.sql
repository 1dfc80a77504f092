{#- The sessions of all who ever played a video depend on its length, which anybody's player may report anew. -#}
{%- macro log_viewers() -%}
{%- if should_full_refresh() -%} select 0 as nothing
{%- else -%}
insert into intermediate.touched_learners (tenant_id, learner_key)
select distinct viewers.tenant_id, viewers.learner_key
from {{ ref('int_learner_videos') }} as viewers
where {{ in_log('video_lengths', 'viewers') }}
{%- endif -%}
{%- endmacro -%}
