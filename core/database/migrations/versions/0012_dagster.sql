-- Where Dagster keeps its runs, schedules and what it has seen. It makes its tables itself.
create schema dagster;
grant usage, create on schema dagster to lyceum_dagster;
