{#- When a local day begins. Where clocks are set back at midnight its hour comes twice, and the first one counts. -#}
{%- macro day_begins(day, time_zone) -%}
case
    when ((({{ day }})::timestamp at time zone {{ time_zone }}) - interval '1 hour') at time zone {{ time_zone }}
        >= ({{ day }})::timestamp
        then (({{ day }})::timestamp at time zone {{ time_zone }}) - interval '1 hour'
    else ({{ day }})::timestamp at time zone {{ time_zone }}
end
{%- endmacro -%}
