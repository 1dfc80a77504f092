{#- The reasons of ANALYTICS.md as of a moment, from what is known of an enrolment by then. In whole numbers: who is
    20 points under the pace to the microsecond is not behind. -#}
{%- macro risk_flags(at, failed) -%}
{%- set elapsed -%}
least(greatest(extract(epoch from {{ at }} - enrolled_at), 0), extract(epoch from end_at - enrolled_at))
{%- endset -%}
{{ at }} - coalesce(last_active_at, enrolled_at) >= interval '168 hours' as is_inactive,
coalesce(
    required_lessons > 0 and end_at > enrolled_at
    and 5 * ({{ elapsed }} * required_lessons - completed_lessons * extract(epoch from end_at - enrolled_at))
    > extract(epoch from end_at - enrolled_at) * required_lessons, false
) as is_behind,
coalesce(sum_of_bests < sum_of_passing_shares, false) as has_low_grades,
coalesce({{ failed }}, false) as has_failed,
coalesce(
    due_at <= {{ at }} + interval '168 hours' and required_lessons > 0 and 5 * completed_lessons < 4 * required_lessons,
    false
) as is_due
{%- endmacro -%}

{%- macro risk_reasons() -%}
(
    values
    ('inactive', is_inactive), ('behind', is_behind), ('low_grades', has_low_grades),
    ('failed', has_failed), ('due', is_due)
)
{%- endmacro -%}
