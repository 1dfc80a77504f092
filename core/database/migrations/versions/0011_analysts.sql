-- Analysts: people with a database login of their own, who see what their tenant's reader sees.

create table control.analysts (
    tenant_id integer not null references control.tenants,
    role_name name not null unique,
    name text not null check (length(name) between 1 and 200),
    transaction_limit interval not null check (transaction_limit > interval '0'),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    disabled_at timestamptz,
    primary key (tenant_id, role_name)
);
create unique index analysts_name on control.analysts (tenant_id, name) where disabled_at is null;
comment on table control.analysts is
'The database logins of people. Their names are opaque, since every login can list all role names.';
comment on column control.analysts.transaction_limit is
'How long a transaction may last before its session is ended, whatever the session has set.';

call control.isolate_tenants('control.analysts');

-- Whose rows a reader may see: who it logged in as, be that the tenant's own reader or one of its analysts.
create or replace function control.reader_tenant() returns integer
language plpgsql stable parallel safe security definer
set search_path = ''
as $$
begin
    return coalesce(
        (select reader.tenant_id from control.reader_roles as reader where reader.role_name = session_user),
        (
            select analyst.tenant_id from control.analysts as analyst
            where analyst.role_name = session_user and analyst.disabled_at is null
                and (analyst.expires_at is null or analyst.expires_at > now())
        )
    );
end
$$;

-- A session can undo its time-outs, not this: a reader's transaction over its limit is ended with its session, and so
-- are sessions of logins that may not log in any more. A statement outside of a transaction is one by itself. The few
-- seconds are for the time-out, whose message is the plainer one. The owner is a member of each reader, which is what
-- lets this function see and end their sessions; others are left alone.
create function control.end_overlong_readers() returns integer
language sql volatile security definer
set search_path = ''
as $$
    with readers as (
        select role_name, interval '60 seconds' as transaction_limit from control.reader_roles
        union all
        select role_name, transaction_limit from control.analysts
    ), overlong as materialized (
        select activity.pid
        from pg_catalog.pg_stat_activity as activity
        inner join pg_catalog.pg_roles as login on activity.usename = login.rolname
        inner join readers on login.rolname = readers.role_name
        where activity.datname = current_database() and activity.backend_type = 'client backend'
            and pg_catalog.pg_has_role(login.oid, 'usage')
            and (
                activity.xact_start < clock_timestamp() - readers.transaction_limit - interval '5 seconds'
                or not login.rolcanlogin
                or login.rolvaliduntil < clock_timestamp()
            )
    )
    select count(*) filter (where pg_catalog.pg_terminate_backend(overlong.pid))::integer from overlong
$$;
grant execute on function control.end_overlong_readers() to lyceum_ingest;

-- One export of the lake at a time: whoever exports holds this table. No advisory lock, since those are open to every
-- login.
create table control.lake_turn (
    is_empty boolean not null
);
comment on table control.lake_turn is 'Never written: it is locked.';
grant select, update on control.lake_turn to lyceum_transform;
