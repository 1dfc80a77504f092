{#- What a choice of an activity's definition says, in the first of its languages. -#}
{%- macro choice_text(choices, id) -%}
(
    select texts.value
    from jsonb_array_elements({{ choices }}) as choices (choice)
    cross join lateral jsonb_each_text(choices.choice -> 'description') as texts
    where choices.choice ->> 'id' = {{ id }}
    limit 1
)
{%- endmacro -%}
