{#- Pieces of a statement's JSON as typed values: what cannot be cast is null, and stops nothing. -#}

{% macro number(value) -%}
    case
        when jsonb_typeof({{ value }}) = 'number' and pg_input_is_valid({{ value }} #>> '{}', 'double precision')
            then ({{ value }} #>> '{}')::double precision
    end
{%- endmacro %}

{#- Extensions are of any form: numbers come as texts, too. -#}
{% macro loose_number(value) -%}
    case
        when jsonb_typeof({{ value }}) = 'number' and pg_input_is_valid({{ value }} #>> '{}', 'double precision')
            then ({{ value }} #>> '{}')::double precision
        when
            jsonb_typeof({{ value }}) = 'string' and {{ value }} #>> '{}' ~ '^[-+]?[0-9]+([.][0-9]+)?$'
            and pg_input_is_valid({{ value }} #>> '{}', 'double precision')
            then ({{ value }} #>> '{}')::double precision
    end
{%- endmacro %}

{% macro flag(value) -%}
    case when jsonb_typeof({{ value }}) = 'boolean' then ({{ value }})::boolean end
{%- endmacro %}

{#- Names what is there and could not be read. -#}
{% macro unread(value, read, name) -%}
    case when {{ value }} is not null and jsonb_typeof({{ value }}) <> 'null' and {{ read }} is null then '{{ name }}' end
{%- endmacro %}

{#- As the writer makes it: what a statement's actor_key is. -#}
{% macro agent_key(tenant_id, agent) -%}
    case
        when {{ agent }} is not null
            then encode(substr(sha256(convert_to(
                {{ tenant_id }} || '|agent|' || coalesce(
                    'mbox|' || ({{ agent }} ->> 'mbox'),
                    'mbox_sha1sum|' || ({{ agent }} ->> 'mbox_sha1sum'),
                    'openid|' || ({{ agent }} ->> 'openid'),
                    'account|[' || ({{ agent }} #> '{account,homePage}')::text
                    || ',' || ({{ agent }} #> '{account,name}')::text || ']'
                ), 'UTF8'
            )), 1, 16), 'hex')::uuid
    end
{%- endmacro %}

{#- Keys of the activities that a role of contextActivities names, be they an array or a single one. -#}
{% macro activity_keys(tenant_id, named) -%}
    case when {{ named }} is not null then (
        select array_agg(distinct lms.activity_key({{ tenant_id }}, named.activity ->> 'id'))
        from jsonb_array_elements(
            case jsonb_typeof({{ named }})
                when 'array' then {{ named }}
                when 'object' then jsonb_build_array({{ named }})
            end
        ) as named (activity)
        where named.activity ->> 'id' is not null
    ) end
{%- endmacro %}
