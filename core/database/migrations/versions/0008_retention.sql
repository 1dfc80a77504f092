-- Forgetting by age: what a tenant wants kept for so many days goes when they are over, a day's worth at a time.

-- Deletes the oldest day of a tenant's statements that ended before the given time, with all that follows from them,
-- and says how many; 0: there is none. What others refer to may be gone, and stays gone when they are read.
create function xapi.forget_oldest_day(tenant integer, before timestamptz) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    oldest timestamptz;
    ends timestamptz;
    forgotten integer;
begin
    select stored into oldest from xapi.statements
    where tenant_id = tenant and stored < before order by stored limit 1;
    if oldest is null then
        return 0;
    end if;
    ends := least(before, oldest + interval '1 day');
    with gone as (
        delete from xapi.statements
        where tenant_id = tenant and stored >= oldest and stored < ends
        returning statement_id
    ), gone_ids as (
        delete from xapi.statement_ids using gone
        where statement_ids.tenant_id = tenant and statement_ids.statement_id = gone.statement_id
    )
    select count(*) into forgotten from gone;
    delete from xapi.statement_relations where tenant_id = tenant and stored >= oldest and stored < ends;
    delete from xapi.statement_references where tenant_id = tenant and stored >= oldest and stored < ends;
    return forgotten;
end
$$;
grant execute on function xapi.forget_oldest_day(integer, timestamptz) to lyceum_ingest;

-- A chunk goes when nobody has anything in it any more: it is shared by all tenants. On PostgreSQL, empty partitions
-- stay; they cost next to nothing.
create function xapi.drop_empty_chunks() returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    chunk record;
    is_empty boolean;
    dropped integer := 0;
begin
    if not exists (select from pg_catalog.pg_extension where extname = 'timescaledb') then
        return 0;
    end if;
    for chunk in execute
        'select hypertable_name, chunk_schema, chunk_name, range_start, range_end '
        'from timescaledb_information.chunks '
        'where hypertable_schema = ''xapi'' and range_end < now() - interval ''1 day'''
    loop
        -- Nobody writes into it between the look and the drop.
        execute format('lock table %I.%I in share mode', chunk.chunk_schema, chunk.chunk_name);
        execute format('select not exists (select from %I.%I)', chunk.chunk_schema, chunk.chunk_name) into is_empty;
        if is_empty then
            execute format(
                'select count(*) from public.drop_chunks(%L::regclass, older_than => %L::timestamptz, '
                'newer_than => %L::timestamptz)',
                'xapi.' || chunk.hypertable_name, chunk.range_end, chunk.range_start
            );
            dropped := dropped + 1;
        end if;
    end loop;
    return dropped;
end
$$;
grant execute on function xapi.drop_empty_chunks() to lyceum_ingest;
