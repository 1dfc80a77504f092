{#- A model that adds keys to a log: that of its own name, or the one that `log` names. Where all is made anew nothing is looked up in logs, so nothing is logged. -#}
{% materialization log, adapter='postgres' %}
    {%- set relation = api.Relation.create(
        database=this.database, schema=this.schema, type='table',
        identifier='touched_' ~ config.get('log') if config.get('log') else this.identifier
    ) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') %}
        {% if should_full_refresh() or rebuilt_tenant() is not none %}
            select 0 as nothing
        {% else %}
            set local jit = off;
            insert into {{ relation }} select * from ({{ sql }}) as keys;
            analyze {{ relation }}
        {% endif %}
    {% endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
