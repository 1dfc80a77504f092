-- Where dbt works. It makes its tables itself, as lyceum_transform, which owns them and nothing else; readers come to
-- the marts only, table by table.
create schema staging;
create schema intermediate;
create schema marts;
grant usage, create on schema staging, intermediate, marts to lyceum_transform;
grant usage on schema marts to lyceum_reader, lyceum_operator;

-- One at a time: whoever refreshes holds this table, in a mode that excludes itself only. No advisory lock, since those
-- are open to every login; no row, since that would hold back the clean-up of dead rows for as long.
create table intermediate.turn (
    is_empty boolean not null
);
comment on table intermediate.turn is 'Never written: it is locked.';

create table intermediate.refresh (
    run_id uuid not null,
    mode text not null check (mode in ('incremental', 'tenant', 'full')),
    tenant_id integer check ((tenant_id is not null) = (mode = 'tenant')),
    from_number bigint not null,
    through_number bigint not null check (through_number >= from_number),
    as_of timestamptz not null,
    is_only_row boolean not null default true unique check (is_only_row)
);
comment on table intermediate.refresh is
'The refresh under way, or the last one: it takes the batches after from_number up to through_number.';

call control.isolate_tenants('intermediate.refresh');

create table intermediate.position (
    through_number bigint not null,
    is_only_row boolean not null default true unique check (is_only_row)
);
insert into intermediate.position (through_number) values (0);
comment on table intermediate.position is 'All batches up to this number are in the marts.';

create table intermediate.built (
    node_id text primary key,
    checksum text not null
);
comment on table intermediate.built is
'The definitions that the tables were made by. What is defined otherwise now is made anew, with all that follows.';

create table marts.refreshes (
    run_id uuid primary key,
    mode text not null,
    tenant_id integer,
    from_number bigint not null,
    through_number bigint not null,
    as_of timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz not null
);
comment on table marts.refreshes is 'Refreshes that succeeded: as of when the marts are.';
create index refreshes_finished on marts.refreshes (tenant_id, finished_at);
call control.isolate_tenants('marts.refreshes');
-- What was refreshed for all tenants, each of them may know of.
create policy of_everybody on marts.refreshes for select to lyceum_reader using (tenant_id is null);

grant select, update on intermediate.turn to lyceum_transform;
grant select, insert, update, delete on intermediate.refresh, intermediate.built to lyceum_transform;
grant select, update on intermediate.position to lyceum_transform;
grant select, insert on marts.refreshes to lyceum_transform;
grant select (tenant_id, run_id, mode, as_of, finished_at) on marts.refreshes to lyceum_reader;

-- Which rows a batch brought. Of statements a range of blocks is enough to know, since they come in the order of their
-- batches: that costs the writers next to nothing. What the LMS tells changes in place, so it has real indexes.
create index statements_batch on xapi.statements using brin (tenant_id, batch_id)
with (pages_per_range = 16, autosummarize = on);
create index statement_references_batch on xapi.statement_references (tenant_id, batch_id);

do $$
declare
    target text;
begin
    for target in
        select class.relname
        from pg_class as class
        inner join pg_attribute as attribute on class.oid = attribute.attrelid
        where class.relnamespace = 'lms'::regnamespace and class.relkind = 'r' and attribute.attname = 'batch_id'
    loop
        execute format('create index %I on lms.%I (tenant_id, batch_id)', target || '_batch', target);
    end loop;
end
$$;

-- Blocks that were filled since: until they are summarised, each look for new statements reads all of them.
create function xapi.summarize_batches() returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    block_index regclass;
    summarized integer := 0;
begin
    for block_index in
        select pg_index.indexrelid
        from pg_catalog.pg_inherits
        inner join pg_catalog.pg_index on pg_inherits.inhrelid = pg_index.indrelid
        inner join pg_catalog.pg_class on pg_index.indexrelid = pg_class.oid
        inner join pg_catalog.pg_am on pg_class.relam = pg_am.oid
        where pg_inherits.inhparent = 'xapi.statements'::regclass and pg_am.amname = 'brin'
    loop
        summarized := summarized + pg_catalog.brin_summarize_new_values(block_index);
    end loop;
    return summarized;
end
$$;
grant execute on function xapi.summarize_batches() to lyceum_transform;

-- What the operator's view says of ingest.
grant select on ingest.consumers to lyceum_transform;

-- After a large import the planner knows nothing of it until autovacuum has come by, and a refresh that begins before
-- that goes astray for minutes. The hypertables are left out: their chunks are many, and reached by their indexes.
create function xapi.analyze_what_has_grown() returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    grown regclass;
    analyzed integer := 0;
begin
    for grown in
        select stats.relid
        from pg_catalog.pg_stat_user_tables as stats
        inner join pg_catalog.pg_class on stats.relid = pg_class.oid
        where pg_class.relkind = 'r' and not pg_class.relispartition
            and (stats.schemaname = 'lms' or (stats.schemaname, stats.relname) in (
                ('xapi', 'statement_references'), ('xapi', 'agents'), ('xapi', 'activities'), ('xapi', 'verbs'),
                ('xapi', 'activity_definitions'), ('ingest', 'batches'), ('ingest', 'batch_tenants')
            ))
            and stats.n_mod_since_analyze > 100 + 0.5 * stats.n_live_tup
    loop
        execute format('analyze %s', grown);
        analyzed := analyzed + 1;
    end loop;
    return analyzed;
end
$$;
grant execute on function xapi.analyze_what_has_grown() to lyceum_transform;
