-- How rows come in: numbered batches, the ledger of what was read from Kafka, and what waits to go there.

create table ingest.batches (
    batch_id bigint generated always as identity primary key,
    source text not null check (source in ('statements', 'write-through', 'events', 'import', 'settings')),
    created_at timestamptz not null default now(),
    number bigint unique
);
create index batches_unnumbered on ingest.batches (batch_id) where number is null;
comment on table ingest.batches is
'One row for each writing transaction; the rows it wrote carry its batch_id. batch_id says nothing about the order '
'of commits: number does, which only committed batches get, so that a number is never overtaken.';

create table ingest.batch_tenants (
    tenant_id integer not null references control.tenants,
    batch_id bigint not null references ingest.batches,
    primary key (tenant_id, batch_id)
);
comment on table ingest.batch_tenants is 'Whose rows a batch changed.';

create table ingest.batch_counter (
    last_number bigint not null,
    is_only_row boolean not null default true unique check (is_only_row)
);
insert into ingest.batch_counter (last_number) values (0);

-- The one sequencer. Batches that commit while it runs wait for its next call; two calls queue at the counter's row.
create function ingest.number_batches() returns bigint
language plpgsql security definer
set search_path = ''
as $$
declare
    last bigint;
begin
    select last_number into strict last from ingest.batch_counter for update;
    with waiting as (
        select batch_id, last + row_number() over (order by batch_id) as next_number
        from ingest.batches
        where number is null
    ), numbered as (
        update ingest.batches set number = waiting.next_number from waiting
        where batches.batch_id = waiting.batch_id
        returning batches.number
    )
    select coalesce(max(number), last) into strict last from numbered;
    update ingest.batch_counter set last_number = last;
    return last;
end
$$;
grant execute on function ingest.number_batches() to lyceum_ingest, lyceum_transform;

create function ingest.open_batch(batch_source text, touched_tenants integer[]) returns bigint
language sql
set search_path = ''
as $$
    with opened as (
        insert into ingest.batches (source) values (batch_source) returning batch_id
    ), touched as (
        insert into ingest.batch_tenants (tenant_id, batch_id)
        select distinct tenant.tenant_id, opened.batch_id
        from opened cross join unnest(touched_tenants) as tenant (tenant_id)
    )
    select batch_id from opened
$$;
comment on function ingest.open_batch(text, integer[]) is
'Call it once in each writing transaction, whatever it writes.';
grant execute on function ingest.open_batch(text, integer[]) to lyceum_lrs, lyceum_ingest;

-- Begins the LRS's own writing: names the tenant, opens the batch, and takes the time. In this order: once the time is
-- taken the transaction has an id, so that whoever asks for writers in flight finds it.
create function ingest.begin_write_through(tenant integer, out batch_id bigint, out stored timestamptz)
language plpgsql
set search_path = ''
as $$
begin
    perform set_config('lyceum.tenant', tenant::text, true);
    batch_id := ingest.open_batch('write-through', array[tenant]);
    stored := date_trunc('milliseconds', clock_timestamp());
end
$$;
grant execute on function ingest.begin_write_through(integer) to lyceum_lrs;

-- Everything stored up to this time is readable, and nothing will be stored at or before it any more. A writer takes
-- its time after its transaction began; while it is in flight, that beginning is the limit. The owner is a member of
-- the writing roles, which is what lets this function see their sessions.
-- plpgsql, since it keeps its plan: a function in sql plans the view of all sessions at each call, 0.3 ms.
create function ingest.consistent_through() returns timestamptz
language plpgsql volatile security definer
set search_path = ''
as $$
begin
    return (
        select date_trunc('milliseconds', least(clock_timestamp(), min(activity.xact_start))) - interval '1 millisecond'
        from pg_catalog.pg_stat_activity as activity
        where activity.datname = current_database() and activity.usename in ('lyceum_lrs', 'lyceum_ingest')
            and activity.backend_xid is not null
    );
end
$$;
grant execute on function ingest.consistent_through() to lyceum_lrs;

create table ingest.ledger (
    cluster_id text not null,
    topic_id uuid not null,
    topic_partition integer not null check (topic_partition >= 0),
    topic text not null,
    next_offset bigint not null check (next_offset >= 0),
    updated_at timestamptz not null default now(),
    primary key (cluster_id, topic_id, topic_partition)
);
comment on table ingest.ledger is
'The first offset not yet in the tables, moved in the transaction that writes them and only from the value that the '
'writer knew. By the topic''s id, since a re-created topic has the same name and other records.';

create table ingest.outbox (
    outbox_id bigint generated always as identity primary key,
    tenant_id integer not null references control.tenants,
    topic text not null,
    record_key bytea not null,
    envelope bytea not null,
    created_at timestamptz not null default now()
);
comment on table ingest.outbox is
'Envelopes written through while the broker was away, in the same transaction as their rows. They leave in the order '
'of outbox_id when it returns, so that the topic stays the whole truth.';

create table ingest.dead_letters (
    dead_letter_id bigint generated always as identity primary key,
    tenant_id integer references control.tenants,
    reason text not null check (reason <> ''),
    detail text not null default '',
    topic text not null,
    topic_partition integer not null,
    record_offset bigint not null,
    position_in_record integer,
    payload bytea not null,
    created_at timestamptz not null default now(),
    settled_at timestamptz,
    settlement text check (settlement in ('retried', 'discarded')),
    check ((settled_at is null) = (settlement is null))
);
create unique index dead_letters_once on ingest.dead_letters
(topic, topic_partition, record_offset, position_in_record) nulls not distinct;

call control.isolate_tenants('ingest.batch_tenants');
call control.isolate_tenants('ingest.outbox');
call control.isolate_tenants('ingest.dead_letters');

grant select, insert on ingest.batches, ingest.batch_tenants to lyceum_ingest;
grant insert, select (batch_id) on ingest.batches to lyceum_lrs;
grant insert, select on ingest.batch_tenants to lyceum_lrs;
grant select on ingest.batches, ingest.batch_tenants to lyceum_transform;
grant select, insert, update on ingest.ledger to lyceum_ingest;
grant insert on ingest.outbox to lyceum_lrs;
grant select, delete on ingest.outbox to lyceum_ingest;
grant select, insert, update on ingest.dead_letters to lyceum_ingest;
grant select on ingest.ledger, ingest.dead_letters to lyceum_transform;
