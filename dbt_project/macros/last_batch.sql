{#- When something came last; where nothing ever did, nothing is late. By batches, since a table's own times are those of what happened, not of when it was told. -#}
{% macro last_batch() %}
    select coalesce(
        (
            select created_at from {{ source('ingest', 'batches') }}
            where source in ('{{ varargs | join("', '") }}') order by batch_id desc limit 1
        ), now()
    )
{% endmacro %}
