-- Statements: on TimescaleDB a hypertable with 30-day chunks, on PostgreSQL monthly partitions. By `stored`, never by
-- the statement's own timestamp, since one broken clock would make thousands of partitions.

create table xapi.statement_ids (
    tenant_id integer not null references control.tenants,
    statement_id uuid not null,
    stored timestamptz not null,
    digest bytea not null check (octet_length(digest) = 16),
    primary key (tenant_id, statement_id)
);
comment on table xapi.statement_ids is
'Keeps statement ids unique, which no index on a hypertable can. The digest tells the same statement sent again from '
'another one under its id.';

do $$
declare
    has_timescaledb constant boolean := exists (select from pg_extension where extname = 'timescaledb');
begin
    execute $table$
        create table xapi.statements (
            tenant_id integer not null,
            statement_id uuid not null,
            stored timestamptz not null,
            timestamp timestamptz not null,
            verb_key bytea not null check (octet_length(verb_key) = 16),
            actor_key bytea not null check (octet_length(actor_key) = 16),
            object_key bytea not null check (octet_length(object_key) = 16),
            registration uuid,
            credential_id uuid,
            batch_id bigint not null,
            statement json not null,
            primary key (tenant_id, stored, statement_id)
        )
    $table$ || case when has_timescaledb then '' else 'partition by range (stored)' end;

    if has_timescaledb then
        perform create_hypertable(
            'xapi.statements', by_range('stored', interval '30 days'), create_default_indexes => false
        );
        -- Only the community edition compresses; the Apache edition refuses even the setting.
        if current_setting('timescaledb.license') = 'timescale' then
            alter table xapi.statements set (
                timescaledb.compress,
                timescaledb.compress_segmentby = 'tenant_id',
                timescaledb.compress_orderby = 'stored desc, statement_id desc'
            );
            perform add_compression_policy('xapi.statements', interval '90 days');
        end if;
    else
        create table xapi.statements_default partition of xapi.statements default;
        call control.isolate_tenants('xapi.statements');
        call control.isolate_tenants('xapi.statements_default');
    end if;
end
$$;
comment on column xapi.statements.statement is
'The body as received but for what the LRS adds. json, since jsonb rewrites numbers.';

-- Partitions for a span of time, on PostgreSQL; chunks make themselves. A month that already has rows in the default
-- partition stays there: moving them is maintenance, and nothing is refused meanwhile.
create function xapi.ensure_partitions(first_day date, last_day date) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    month date := date_trunc('month', first_day);
    partition text;
    made integer := 0;
begin
    if (select relkind from pg_catalog.pg_class where oid = 'xapi.statements'::regclass) <> 'p' then
        return 0;
    end if;
    lock table xapi.statements in share update exclusive mode;
    while month <= last_day loop
        partition := 'xapi.statements_' || to_char(month, 'YYYY_MM');
        if to_regclass(partition) is null and not exists (
            select from xapi.statements_default
            where stored >= month::timestamp at time zone 'UTC'
                and stored < (month + interval '1 month')::timestamp at time zone 'UTC'
        ) then
            execute format(
                'create table %s partition of xapi.statements for values from (%L) to (%L)', partition,
                month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC'
            );
            execute format('call control.isolate_tenants(%L)', partition);
            made := made + 1;
        end if;
        month := month + interval '1 month';
    end loop;
    return made;
end
$$;
grant execute on function xapi.ensure_partitions(date, date) to lyceum_ingest;

-- Row-level security does not hold on a hypertable's chunks, which inherit its grants: so neither the LRS nor a
-- reader has any, and both come through views, whose owner does.
create view tenant.statements with (security_barrier) as
select
    tenant_id,
    statement_id,
    stored,
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
    statement_id,
    stored,
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

call control.isolate_tenants('xapi.statement_ids');

grant select, insert on xapi.statement_ids to lyceum_lrs, lyceum_ingest;
grant select on xapi.statement_ids to lyceum_transform;
grant select, insert on xapi.statements to lyceum_ingest;
grant select on xapi.statements to lyceum_transform;
grant select, insert on request.statements to lyceum_lrs;
grant select on tenant.statements to lyceum_reader;
