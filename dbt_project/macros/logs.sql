{#- The logs of touched keys: what a refresh has to recompute. -#}

{% macro make_logs() %}
    {% if execute %}
        {% for log, columns in var('logs').items() %}
            {% set name = 'intermediate.touched_' ~ log %}
            {% set made = run_query("select to_regclass('" ~ name ~ "') is null") %}
            {% if made.rows[0][0] %}
                {% do run_query(log_table(name, columns)) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#- A key may stand in a log twice: to prevent that, those who log at once would have to wait for one another. -#}
{% macro log_table(name, columns) %}
    create table {{ name }} (
        tenant_id integer not null{% for column, type in columns.items() %}, {{ column }} {{ type }} not null{% endfor %}
    );
    call control.isolate_tenants('{{ name }}');
{% endmacro %}

{#- A log's columns as they are in `alias`, whose own names may be given. -#}
{% macro log_columns(log, alias, named={}) %}
    {%- for column in var('logs')[log] -%}
        {%- set value = alias ~ '.' ~ named.get(column, column) -%}
        , {% if log ~ '.' ~ column in var('blank') %}coalesce({{ value }}, ''){% else %}{{ value }}{% endif %}
    {%- endfor -%}
{% endmacro %}

{% macro in_log(log, alias, named={}) -%}
    ({{ alias }}.tenant_id{{ log_columns(log, alias, named) }}) in (
        select tenant_id{% for column in var('logs')[log] %}, {{ column }}{% endfor %} from intermediate.touched_{{ log }}
    )
{%- endmacro %}

{#- Restricts to what this refresh has to recompute. `named`: where `alias` has other names for the log's columns. -#}
{% macro touched(log, alias, named={}) -%}
    {%- if model.resource_type != 'unit_test' and log in var('gates') -%}{%- do ref(var('gates')[log]) -%}{%- endif -%}
    {{ touched_so_far(log, alias, named) }}
{%- endmacro %}

{#- The same for those that the log's own model waits for. -#}
{% macro touched_so_far(log, alias, named={}) -%}
    {%- if is_whole() -%} true
    {%- elif rebuilt_tenant() is not none -%} {{ alias }}.tenant_id = {{ rebuilt_tenant() }}
    {%- else -%} {{ in_log(log, alias, named) }}
    {%- endif -%}
{%- endmacro %}

{#- Restricts to rows that the batches of this refresh wrote, in a table where rows lie in the order of batches. -#}
{% macro in_new_batches(alias) -%}
    {%- if model.resource_type == 'unit_test' -%}{{ return('true') }}{%- endif -%}
    {%- set all_batches = ref('stg_ingest__batches') -%}
    {%- set new_batches = ref('stg_ingest__new_batches') -%}
    {%- if is_whole() -%} {{ alias }}.batch_id in (select batches.batch_id from {{ all_batches }} as batches)
    {%- elif rebuilt_tenant() is not none -%}
        {{ alias }}.batch_id in (select batches.batch_id from {{ all_batches }} as batches)
        and {{ alias }}.tenant_id = {{ rebuilt_tenant() }}
    {%- else -%}
        {{ alias }}.batch_id in (select batches.batch_id from {{ new_batches }} as batches)
        and {{ alias }}.batch_id >= (select min(batches.batch_id) from {{ new_batches }} as batches)
        and {{ alias }}.batch_id <= (select max(batches.batch_id) from {{ new_batches }} as batches)
    {%- endif -%}
{%- endmacro %}

{#- The model is made from all there is. -#}
{% macro is_whole() -%}
    {%- if not execute or model.resource_type == 'unit_test' or should_full_refresh() -%}{{ return(true) }}{%- endif -%}
    {{ return(model.config.materialized != 'log' and load_cached_relation(this) is none) }}
{%- endmacro %}

{#- The one tenant that is made anew, told by whoever runs dbt. -#}
{% macro rebuilt_tenant() -%}
    {{ return(env_var('LYCEUM_DBT_TENANT', '') or none if execute else none) }}
{%- endmacro %}
