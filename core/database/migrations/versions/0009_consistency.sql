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

-- Frozen is who has said nothing for that long within a transaction, not who has been at it for that long: an import is
-- one transaction of minutes. What it reads and sorts between two commands may take long, too, so it is left out.
create or replace function ingest.end_frozen_writers(patience interval) returns integer
language sql volatile security definer
set search_path = ''
as $$
    -- Found first: within one condition, the ending might come before the finding.
    with frozen as materialized (
        select activity.pid
        from pg_catalog.pg_stat_activity as activity
        where activity.datname = current_database() and activity.usename in ('lyceum_lrs', 'lyceum_ingest')
            and activity.pid <> pg_backend_pid() and activity.backend_xid is not null
            and activity.wait_event = 'ClientRead' and activity.state_change < clock_timestamp() - patience
            and activity.application_name <> 'lyceum-import'
    )
    select count(*) filter (where pg_catalog.pg_terminate_backend(frozen.pid))::integer from frozen
$$;
