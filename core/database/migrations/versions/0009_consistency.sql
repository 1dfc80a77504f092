-- The clock is read before the sessions are looked at. Read afterwards, it could be later than the time that a writer
-- took which had not begun when its session was looked at.
create or replace function ingest.consistent_through(tenant integer, is_publishing boolean) returns timestamptz
language plpgsql volatile security definer
set search_path = ''
as $$
declare
    written timestamptz := clock_timestamp();
    published timestamptz;
    loaded timestamptz;
begin
    -- First the partitions: a statement that is published meanwhile is stored later than all they say.
    select min(coalesce(through, '1970-01-01')) into published
    from ingest.ledger where lane = 'statements' and retired_at is null;
    if published is null and is_publishing then
        return '1970-01-01';
    end if;
    if exists (select from ingest.bulk_loads where tenant_id = tenant and closed_at is null) then
        select min(coalesce(through, '1970-01-01')) into loaded
        from ingest.ledger where lane = 'bulk' and retired_at is null;
    end if;
    select date_trunc('milliseconds', least(written, min(activity.xact_start))) - interval '1 millisecond'
    into written
    from pg_catalog.pg_stat_activity as activity
    where activity.datname = current_database() and activity.usename = 'lyceum_lrs'
        and activity.backend_xid is not null;
    return least(written, published, loaded);
end
$$;
