{#-
    A table that is kept up: of the keys that were touched, rows that differ are replaced, and no others are written.
    config: key, the columns of its grain; scope, the log that says what was touched ('keys': what the query brings;
    'nothing': it never changes; none: all there is); touches, which columns of a differing row go to which logs; indexes, lists of columns.
-#}
{% materialization kept, adapter='postgres' %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set scope = config.get('scope') -%}
    {%- set is_new = existing is none or should_full_refresh() -%}
    {{ run_hooks(pre_hooks) }}
    {#- All that follows sees the logs alike: others may be adding to them. -#}
    {% call statement('main', fetch_result=true) %}
        commit;
        begin transaction isolation level repeatable read;
        set local jit = off;
        set local enable_mergejoin = off; -- over parts of a query, whose keys have no statistics, it goes astray
        {%- if not is_new %}
        -- Joins as written, which begin with what was touched: how many rows a log joined to a small table by the
        -- tenant alone has, is guessed as one, and every pair of the two would be made first.
        set local join_collapse_limit = 1;
        set local from_collapse_limit = 1;
        {%- endif %}
        set local work_mem = '64MB';
        select
            {{ anything_touched(scope) if not is_new else 'true' }} as is_touched,
            {{ column_names(relation) }} as column_names
    {% endcall %}
    {% if is_new %}
        {% do build_beside(relation, sql) %}
        {% if not should_full_refresh() %}{% do log_touches(relation) %}{% endif %}
    {% else %}
        {% set found = load_result('main').table.rows[0] %}
        {% if found[0] %}{% do keep_up(relation, found[1], sql, scope) %}{% endif %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% macro anything_touched(scope) %}
    {%- if scope == 'nothing' -%} false
    {%- elif scope is none or scope == 'keys' or rebuilt_tenant() is not none -%} true
    {%- else -%} exists (select from intermediate.touched_{{ scope }})
    {%- endif -%}
{% endmacro %}

{#- All in one transaction: nobody sees the new table before it has its policies, and nobody is without the old one. -#}
{% macro build_beside(relation, sql) %}
    {%- set next = api.Relation.create(
        database=relation.database, schema='intermediate', identifier=relation.identifier ~ '__next', type='table'
    ) -%}
    {% if model.config.contract.enforced %}
        {{ get_assert_columns_equivalent(sql) }}
        {%- set sql = get_select_subquery(sql) -%}
    {% endif %}
    {% do run_query('create table ' ~ next ~ ' as ' ~ sql) %}
    {% set is_for_operator = relation.identifier.startswith('ops_') %}
    {% set isolated = 'tenant_id' in (adapter.get_columns_in_relation(next) | map(attribute='name')) %}
    {% call statement('finish') %}
        create unique index on {{ next }} ({{ config.require('key') | join(', ') }}) nulls not distinct;
        {% for columns in config.get('indexes', []) %}
            create index on {{ next }} ({{ columns | join(', ') }});
        {% endfor %}
        {% if isolated %} call control.isolate_tenants('{{ next }}'); {% endif %}
        {% if relation.schema == 'marts' %}
            grant select on {{ next }} to {{ 'lyceum_operator' if is_for_operator else 'lyceum_reader' }};
        {% endif %}
        analyze {{ next }};
    {% endcall %}
    {% do persist_docs(next, model) %}
    {% call statement('swap') %}
        drop table if exists {{ relation }};
        {% if relation.schema != 'intermediate' %} alter table {{ next }} set schema {{ relation.schema }}; {% endif %}
        alter table {{ relation.schema }}.{{ next.identifier }} rename to {{ relation.identifier }};
    {% endcall %}
{% endmacro %}

{#- Asked along with the rest: what dbt has for it takes a tenth of a refresh. -#}
{% macro column_names(relation) -%}
    (
        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
        where attrelid = to_regclass('{{ relation }}') and attnum > 0 and not attisdropped
    )
{%- endmacro %}

{% macro keep_up(relation, columns, sql, scope) %}
    {% do run_query('create temporary table kept_new on commit drop as ' ~ sql ~ '; analyze kept_new') %}
    {% set found = run_query(differences(relation, columns, scope)).rows[0] %}
    {% if found[0] %}
        {% do run_query(replacement(relation, columns, found[0] - found[1])) %}
    {% endif %}
{% endmacro %}

{#- Rows that are on one side only; those that are to go have a kept_place. -#}
{% macro differences(relation, columns, scope) %}
    create temporary table kept_differences on commit drop as
    select {{ columns }}, max(kept_place) as kept_place
    from (
        select {{ columns }}, kept.ctid as kept_place from {{ relation }} as kept where {{ kept_scope(scope) }}
        union all
        select {{ columns }}, null::tid as kept_place from kept_new
    ) as sides
    group by {{ columns }}
    having count(*) = 1;
    select count(*), count(kept_place) from kept_differences
{% endmacro %}

{% macro kept_scope(scope) %}
    {%- if rebuilt_tenant() is not none and scope is not none -%} kept.tenant_id = {{ rebuilt_tenant() }}
    {%- elif scope is none -%} true
    {%- elif scope == 'keys' -%}
        ({% for column in config.require('key') %}kept.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
        in (select {{ config.require('key') | join(', ') }} from kept_new)
    {%- else -%} {{ in_log(scope, 'kept') }}
    {%- endif -%}
{% endmacro %}

{% macro replacement(relation, columns, added) %}
    delete from {{ relation }} as kept using kept_differences
    where kept.ctid = kept_differences.kept_place;
    insert into {{ relation }} ({{ columns }}) select {{ columns }} from kept_differences where kept_place is null;
    {{ touches('kept_differences') }}
    {% if added > 1000 and has_grown(relation, added) %} analyze {{ relation }}; {% endif %}
{% endmacro %}

{% macro has_grown(relation, added) %}
    {{ return(run_query(
        "select reltuples < 10 * " ~ added ~ " from pg_class where oid = '" ~ relation ~ "'::regclass"
    ).rows[0][0]) }}
{% endmacro %}

{#- When a table is there for the first time, all of it is new to those who follow. -#}
{% macro log_touches(relation) %}
    {% set logging = touches(relation) %}
    {% if logging | trim %}{% do run_query(logging) %}{% endif %}
{% endmacro %}

{% macro touches(source) %}
    {% for log, names in config.get('touches', {}).items() | sort %}
        {%- set columns = var('logs')[log].keys() | list -%}
        {%- set named = dict(zip(columns, names[1:])) -%}
        insert into intermediate.touched_{{ log }}
        select distinct tenant_id{{ log_columns(log, 'rows_of', named) }} from {{ source }} as rows_of
        where {% for column in columns -%}
            {%- if log ~ '.' ~ column in var('blank') -%} true
            {%- else -%} rows_of.{{ named[column] }} is not null {%- endif -%}
            {{ ' and ' if not loop.last }}
        {%- endfor %}{{ 'true' if not columns }};
        analyze intermediate.touched_{{ log }};
    {% endfor %}
{% endmacro %}
