{#- What each model took, by day: the operator asks which are slow, and how old each mart is. -#}

{% macro make_model_runs() %}
    create table if not exists intermediate.model_runs (
        day date not null,
        model text not null,
        runs bigint not null,
        failures bigint not null,
        total_seconds double precision not null,
        slowest_seconds double precision not null,
        last_seconds double precision not null,
        last_as_of timestamptz,
        last_succeeded_at timestamptz,
        primary key (day, model)
    )
{% endmacro %}

{#- Written when the models are, also of a run that failed later: each table stands by itself. -#}
{% macro log_model_runs(results) %}
    {%- set ran = [] -%}
    {#- Views are made once, and take their time when they are read. -#}
    {%- for result in results if result.node.resource_type == 'model' and result.node.config.materialized != 'view' -%}
        {%- if result.status in ('success', 'error') -%}{%- do ran.append(result) -%}{%- endif -%}
    {%- endfor -%}
    {%- if execute and flags.WHICH == 'run' and ran -%}
        with ran (model, is_good, seconds) as (
            values
            {%- for result in ran %}
            ('{{ result.node.name }}', {{ result.status == 'success' }}, {{ result.execution_time }}::double precision)
            {{- ',' if not loop.last }}
            {%- endfor %}
        ),

        refresh as (select as_of from intermediate.refresh),

        forgotten as (
            delete from intermediate.model_runs where day < (now() at time zone 'UTC')::date - 30
        )

        insert into intermediate.model_runs as known
        select
            (now() at time zone 'UTC')::date,
            model,
            1,
            (not is_good)::integer,
            seconds,
            seconds,
            seconds,
            case when is_good then refresh.as_of end,
            case when is_good then clock_timestamp() end
        from ran
        left join refresh on true
        on conflict (day, model) do update set
            runs = known.runs + 1,
            failures = known.failures + excluded.failures,
            total_seconds = known.total_seconds + excluded.total_seconds,
            slowest_seconds = greatest(known.slowest_seconds, excluded.slowest_seconds),
            last_seconds = excluded.last_seconds,
            last_as_of = coalesce(excluded.last_as_of, known.last_as_of),
            last_succeeded_at = coalesce(excluded.last_succeeded_at, known.last_succeeded_at)
    {%- endif -%}
{% endmacro %}
