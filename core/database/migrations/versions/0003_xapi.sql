-- Statements and what follows from them. Agents, activities and verbs are known by 16 bytes of SHA-256 over their
-- canonical form and the tenant, kept as uuid: no look-up, no sequence, the same after a replay. Statements lie on
-- TimescaleDB in a hypertable with 30-day chunks, on PostgreSQL in monthly partitions. By `stored`, never by the
-- statement's own timestamp, since one broken clock would make thousands of partitions.

create table xapi.statement_ids (
    tenant_id integer not null,
    statement_id uuid not null,
    stored timestamptz not null,
    digest bytea not null check (octet_length(digest) = 24),
    primary key (tenant_id, statement_id)
);
comment on table xapi.statement_ids is
'Keeps statement ids unique, which no index on a hypertable can. The digest tells the same statement sent again from '
'another one under its id.';

-- A table in time: a hypertable, or partitioned by range with a default partition.
create procedure control.divide_by_stored(target regclass)
language plpgsql
as $$
begin
    if exists (select from pg_extension where extname = 'timescaledb') then
        perform create_hypertable(target, by_range('stored', interval '30 days'), create_default_indexes => false);
        -- Only the community edition compresses; the Apache edition refuses even the setting.
        if current_setting('timescaledb.license') = 'timescale' then
            execute format(
                'alter table %s set (timescaledb.compress, timescaledb.compress_segmentby = ''tenant_id'', '
                'timescaledb.compress_orderby = ''stored desc, statement_id desc'')', target
            );
            perform add_compression_policy(target, interval '90 days');
        end if;
    else
        execute format('create table %s_default partition of %s default', target, target);
        call control.isolate_tenants(target);
        call control.isolate_tenants(format('%s_default', target)::regclass);
    end if;
end
$$;

do $$
declare
    division constant text := case
        when exists (select from pg_extension where extname = 'timescaledb') then '' else 'partition by range (stored)'
    end;
begin
    execute $table$
        create table xapi.statements (
            tenant_id integer not null,
            stored timestamptz not null,
            statement_id uuid not null,
            timestamp timestamptz not null,
            verb_key uuid not null,
            actor_key uuid not null,
            object_key uuid,
            registration uuid,
            credential_id uuid,
            batch_id bigint not null,
            statement json not null,
            primary key (tenant_id, stored, statement_id)
        )
    $table$ || division;
    -- Who and what else a statement names: members of groups, instructors, teams, activities of its context, the parts
    -- of a SubStatement. is_direct: the plain agent filter finds it, too.
    execute $table$
        create table xapi.statement_relations (
            tenant_id integer not null,
            related_key uuid not null,
            is_direct boolean not null,
            stored timestamptz not null,
            statement_id uuid not null,
            primary key (tenant_id, related_key, is_direct, stored, statement_id)
        )
    $table$ || division;
end
$$;
comment on column xapi.statements.statement is
'The body as received but for what the LRS adds. json, since jsonb rewrites numbers.';

create index statements_actor on xapi.statements (tenant_id, actor_key, stored, statement_id);
create index statements_verb on xapi.statements (tenant_id, verb_key, stored, statement_id);
create index statements_object on xapi.statements (tenant_id, object_key, stored, statement_id)
where object_key is not null;
create index statements_registration on xapi.statements (tenant_id, registration, stored, statement_id)
where registration is not null;

call control.divide_by_stored('xapi.statements');
call control.divide_by_stored('xapi.statement_relations');

-- Statements whose object is another statement. A voiding one among them voids its target, from whenever both are
-- there, in whichever order they came: that is found out on reading.
create table xapi.statement_references (
    tenant_id integer not null,
    target_id uuid not null,
    statement_id uuid not null,
    stored timestamptz not null,
    is_voiding boolean not null,
    batch_id bigint not null,
    primary key (tenant_id, target_id, statement_id)
);
create index statement_references_stored on xapi.statement_references (tenant_id, stored, statement_id);

create table xapi.verbs (
    tenant_id integer not null,
    verb_key uuid not null,
    iri text not null,
    primary key (tenant_id, verb_key)
);

create table xapi.activities (
    tenant_id integer not null,
    activity_key uuid not null,
    iri text not null,
    primary key (tenant_id, activity_key)
);

-- Each definition that was ever sent of an activity, with its last use: of two that say different things of the same
-- property, the one used last wins. Which that is does not depend on the order in which the rows arrive.
create table xapi.activity_definitions (
    tenant_id integer not null,
    activity_key uuid not null,
    definition_key uuid not null,
    definition json not null,
    stored timestamptz not null,
    statement_id uuid not null,
    primary key (tenant_id, activity_key, definition_key)
) with (fillfactor = 70);

-- Each form (name and identifier) in which an agent or identified group appeared.
create table xapi.agents (
    tenant_id integer not null,
    agent_key uuid not null,
    form_key uuid not null,
    agent json not null,
    primary key (tenant_id, agent_key, form_key)
);

-- State and profiles: no events, so written straight here.
create table xapi.documents (
    tenant_id integer not null,
    kind text not null check (kind in ('state', 'agent-profile', 'activity-profile')),
    -- Stands for the kind with its activity, its agent, or both.
    subject_key uuid not null,
    agent_key uuid check ((agent_key is null) = (kind = 'activity-profile')),
    registration uuid check (registration is null or kind = 'state'),
    document_id text not null check (length(document_id) between 1 and 2048),
    -- Of subject, registration and id, since an index has no room for ids that long.
    document_key uuid not null,
    content_type text not null,
    content bytea not null,
    -- SHA-1 of the content, in hexadecimal, as xAPI 1.0.3 wants it.
    etag text not null,
    updated_at timestamptz not null,
    primary key (tenant_id, document_key)
);
create index documents_subject on xapi.documents (tenant_id, subject_key);

-- The bytes lie in object storage by their hash, under the tenant's prefix.
create table xapi.attachments (
    tenant_id integer not null,
    -- SHA-224, 256, 384 or 512.
    sha2 text not null check (sha2 ~ '^[0-9a-f]+$' and length(sha2) in (56, 64, 96, 128)),
    content_type text not null,
    length bigint not null check (length >= 0),
    created_at timestamptz not null default now(),
    primary key (tenant_id, sha2)
);

-- Partitions for a span of time, on PostgreSQL; chunks make themselves. A month that already has rows in the default
-- partition stays there: moving them is maintenance, and nothing is refused meanwhile.
create function xapi.ensure_partitions(first_day date, last_day date) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    target text;
    partition text;
    month date;
    starts timestamptz;
    ends timestamptz;
    is_taken boolean;
    made integer := 0;
begin
    if (select relkind from pg_catalog.pg_class where oid = 'xapi.statements'::regclass) <> 'p' then
        return 0;
    end if;
    foreach target in array array['xapi.statements', 'xapi.statement_relations'] loop
        execute format('lock table %s in share update exclusive mode', target);
        month := date_trunc('month', first_day);
        while month <= last_day loop
            partition := target || to_char(month, '_YYYY_MM');
            starts := month::timestamp at time zone 'UTC';
            ends := (month + interval '1 month')::timestamp at time zone 'UTC';
            execute format(
                'select exists (select from %s_default where stored >= %L and stored < %L)', target, starts, ends
            ) into strict is_taken;
            if to_regclass(partition) is null and not is_taken then
                execute format(
                    'create table %s partition of %s for values from (%L) to (%L)', partition, target, starts, ends
                );
                execute format('call control.isolate_tenants(%L)', partition);
                made := made + 1;
            end if;
            month := month + interval '1 month';
        end loop;
    end loop;
    return made;
end
$$;
grant execute on function xapi.ensure_partitions(date, date) to lyceum_ingest;

do $$
declare
    target text;
begin
    foreach target in array array[
        'statement_ids', 'statement_references', 'verbs', 'activities', 'activity_definitions', 'agents', 'documents',
        'attachments'
    ] loop
        execute format('call control.isolate_tenants(%L)', 'xapi.' || target);
    end loop;
end
$$;

-- Row-level security does not hold on a hypertable's chunks, which inherit its grants: so neither the LRS nor a
-- reader has any, and both come through views, whose owner does.
create view tenant.statements with (security_barrier) as
select
    tenant_id,
    stored,
    statement_id,
    timestamp,
    verb_key,
    actor_key,
    object_key,
    registration,
    credential_id,
    batch_id,
    statement
from xapi.statements
where tenant_id = (select control.reader_tenant());

-- No barrier here: it hides `order by … limit` from the indexes, and the LRS asks only its own, fixed questions.
create view request.statements with (check_option = 'cascaded') as
select
    tenant_id,
    stored,
    statement_id,
    timestamp,
    verb_key,
    actor_key,
    object_key,
    registration,
    credential_id,
    batch_id,
    statement
from xapi.statements
where tenant_id = (select control.request_tenant());

create view request.statement_relations with (check_option = 'cascaded') as
select
    tenant_id,
    related_key,
    is_direct,
    stored,
    statement_id
from xapi.statement_relations
where tenant_id = (select control.request_tenant());

grant select, insert on xapi.statements, xapi.statement_relations to lyceum_ingest;
grant select on xapi.statements, xapi.statement_relations to lyceum_transform;
grant select, insert on request.statements, request.statement_relations to lyceum_lrs;
grant select on tenant.statements to lyceum_reader;

grant select, insert on
xapi.statement_ids, xapi.statement_references, xapi.verbs, xapi.activities, xapi.agents, xapi.attachments
to lyceum_lrs, lyceum_ingest;
grant select, insert, update on xapi.activity_definitions to lyceum_lrs, lyceum_ingest;
grant select, insert, update, delete on xapi.documents to lyceum_lrs;
grant select on
xapi.statement_ids, xapi.statement_references, xapi.verbs, xapi.activities, xapi.activity_definitions, xapi.agents
to lyceum_transform;
