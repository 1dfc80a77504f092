{#- From the catalogue: the information schema, which dbt asks, knows no array's type, and takes ten times as long. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {% call statement('get_columns_in_relation', fetch_result=true) %}
        select
            attribute.attname::text as column_name,
            format_type(attribute.atttypid, null) as data_type,
            null::integer as character_maximum_length,
            null::integer as numeric_precision,
            null::integer as numeric_scale
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = to_regclass('{{ relation.include(database=false) }}')
            and attribute.attnum > 0 and not attribute.attisdropped
        order by attribute.attnum
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
