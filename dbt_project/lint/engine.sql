{#- What the linter sees of macros that ask the database. dbt does not read this folder. -#}
{% macro touched(log, alias, named={}) %}true{% endmacro %}
{% macro touched_so_far(log, alias, named={}) %}true{% endmacro %}
{% macro in_log(log, alias, named={}) %}true{% endmacro %}
{% macro in_new_batches(alias) %}true{% endmacro %}
{% macro is_whole() %}{% endmacro %}
{% macro rebuilt_tenant() %}{{ return(none) }}{% endmacro %}
{% macro log_viewers() %}{% endmacro %}
