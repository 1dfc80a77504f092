-- Kafka in the path: how far each partition is written and readable, whose bulk loads are under way, who consumes.

alter table ingest.ledger
add column lane text not null default 'statements' check (lane in ('statements', 'bulk', 'events')),
add column through timestamptz,
add column retired_at timestamptz;
-- Moved many times a second: room for the new row beside the old.
alter table ingest.ledger set (fillfactor = 50);
comment on column ingest.ledger.through is
'All that the partition brought up to this time is in the tables, and what it brings later is stored after it.';
comment on column ingest.ledger.retired_at is 'When another topic of this name was adopted in its place.';

-- The partitions that a topic has. A topic of this name with another id is not taken for the known one: that loses
-- records, so a person decides (`lyceum ingest adopt-topic`).
create function ingest.know_partitions(
    the_cluster text, the_topic_id uuid, the_topic text, the_lane text, partitions integer
) returns boolean
language plpgsql security definer
set search_path = ''
as $$
begin
    if exists (
        select from ingest.ledger
        where topic = the_topic and retired_at is null and (cluster_id, topic_id) <> (the_cluster, the_topic_id)
    ) then
        return false;
    end if;
    insert into ingest.ledger (cluster_id, topic_id, topic_partition, topic, lane, next_offset)
    select the_cluster, the_topic_id, number, the_topic, the_lane, 0
    from generate_series(0, partitions - 1) as number
    on conflict do nothing;
    return true;
end
$$;
grant execute on function ingest.know_partitions(text, uuid, text, text, integer) to lyceum_ingest;

create table ingest.bulk_loads (
    tenant_id integer not null references control.tenants,
    load_id uuid not null,
    topic_id uuid not null,
    opened_at timestamptz not null default now(),
    -- By partition, the offset after the load's last record; null while it is being sent.
    ends jsonb,
    closed_at timestamptz,
    primary key (tenant_id, load_id)
);
create index bulk_loads_open on ingest.bulk_loads (tenant_id) where closed_at is null;
call control.isolate_tenants('ingest.bulk_loads');
comment on table ingest.bulk_loads is
'Imports that went to the bulk topic. Until one is written, its tenant''s statements are consistent only as far as the '
'bulk topic is; other tenants do not wait for it.';

create table ingest.consumers (
    consumer_id text primary key,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    state text not null check (state in ('running', 'waiting', 'stopped', 'ended')),
    partitions integer not null default 0,
    records bigint not null default 0,
    statements bigint not null default 0,
    statements_per_second real not null default 0,
    last_error text,
    last_error_at timestamptz
);
comment on table ingest.consumers is 'Each ingest process, as it last said of itself.';

-- Up to when all is readable and nothing will be stored any more, for one tenant: what the partitions say, and the
-- beginnings of the LRS's own writing transactions in flight (a writer takes its time after it began). The owner is a
-- member of the writing roles, which is what lets this function see their sessions.
-- plpgsql, since it keeps its plan: a function in sql plans the view of all sessions at each call, 0.3 ms.
-- Where statements are published and no partition is known yet, nothing is.
create function ingest.consistent_through(tenant integer, is_publishing boolean) returns timestamptz
language plpgsql volatile security definer
set search_path = ''
as $$
declare
    written timestamptz;
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
    select date_trunc('milliseconds', least(clock_timestamp(), min(activity.xact_start))) - interval '1 millisecond'
    into written
    from pg_catalog.pg_stat_activity as activity
    where activity.datname = current_database() and activity.usename = 'lyceum_lrs'
        and activity.backend_xid is not null;
    return least(written, published, loaded);
end
$$;
grant execute on function ingest.consistent_through(integer, boolean) to lyceum_lrs;
drop function ingest.consistent_through();

-- A writer whose process was frozen holds its locks, and the time up to which all is readable, until it goes on. One
-- that has waited for its client for so long has lost its partitions to another already.
create function ingest.end_frozen_writers(patience interval) returns integer
language sql volatile security definer
set search_path = ''
as $$
    -- Found first: within one condition, the ending might come before the finding.
    with frozen as materialized (
        select activity.pid
        from pg_catalog.pg_stat_activity as activity
        where activity.datname = current_database() and activity.usename in ('lyceum_lrs', 'lyceum_ingest')
            and activity.pid <> pg_backend_pid() and activity.backend_xid is not null
            and activity.wait_event = 'ClientRead' and activity.xact_start < clock_timestamp() - patience
    )
    select count(*) filter (where pg_catalog.pg_terminate_backend(frozen.pid))::integer from frozen
$$;
grant execute on function ingest.end_frozen_writers(interval) to lyceum_ingest;

alter table ingest.dead_letters
add column topic_id uuid,
add column statement_id uuid;
drop index ingest.dead_letters_once;
create unique index dead_letters_once on ingest.dead_letters
(topic, topic_id, topic_partition, record_offset, position_in_record) nulls not distinct;
create index dead_letters_open on ingest.dead_letters (tenant_id, dead_letter_id) where settled_at is null;
comment on column ingest.dead_letters.payload is
'The record as it was, or, of one statement in it, an envelope with this statement alone: what is sent again.';

-- To lock what it takes.
grant update on ingest.outbox to lyceum_ingest;
grant select, insert, update, delete on ingest.consumers to lyceum_ingest;
grant select, insert, update on ingest.bulk_loads to lyceum_ingest;
grant select, insert, update on ingest.bulk_loads to lyceum_lrs;
grant select on ingest.consumers, ingest.bulk_loads to lyceum_transform;
