-- Files of statements, which the LRS's role writes as it writes requests.

-- As begin_write_through, and in the same order, but one can tell later that an import wrote the rows.
create function ingest.begin_import(tenant integer, out batch_id bigint, out stored timestamptz)
language plpgsql
set search_path = ''
as $$
begin
    perform set_config('lyceum.tenant', tenant::text, true);
    batch_id := ingest.open_batch('import', array[tenant]);
    stored := date_trunc('milliseconds', clock_timestamp());
end
$$;
grant execute on function ingest.begin_import(integer) to lyceum_lrs;

-- A partition for a month that statements of another store come from. Held to the months that there can be, since the
-- LRS's role, which faces the world, could otherwise make any number.
create function xapi.ensure_past_partition(moment timestamptz) returns integer
language plpgsql security definer
set search_path = ''
as $$
begin
    if moment < '2010-01-01 00:00:00+00' or moment > now() + interval '1 day' then
        raise exception 'no statement can have been stored at %', moment using errcode = 'invalid_parameter_value';
    end if;
    return xapi.ensure_partitions((moment at time zone 'UTC')::date, (moment at time zone 'UTC')::date);
end
$$;
grant execute on function xapi.ensure_past_partition(timestamptz) to lyceum_lrs;
