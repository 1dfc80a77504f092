{#- Summed as numeric, so that the order of the rows makes no difference in the last digit. -#}
{%- macro seconds(duration) -%}
sum(extract(epoch from {{ duration }}))::double precision
{%- endmacro -%}

{%- macro exact_sum(value) -%}
sum(({{ value }})::numeric)::double precision
{%- endmacro -%}

{%- macro exact_mean(value) -%}
avg(({{ value }})::numeric)::double precision
{%- endmacro -%}

{%- macro share(part, whole) -%}
({{ part }})::double precision / nullif({{ whole }}, 0)
{%- endmacro -%}
