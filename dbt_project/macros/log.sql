{#- A model that adds keys to the log of its name. Where all is made anew nothing is looked up in logs, so nothing is logged. -#}
{% materialization log, adapter='postgres' %}
    {%- set relation = this.incorporate(type='table') -%}
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
