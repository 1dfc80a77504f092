-- Who a tenant is, who may knock, and the one rule that keeps tenants apart.
-- The schema control is there already: it keeps the number of the last migration.
create schema lms;
create schema xapi;
create schema ingest;
-- What a tenant's reader may see of tables that it must not touch itself: security_barrier views.
create schema tenant;
-- The same for the LRS, of the tenant whose request it serves.
create schema request;

grant usage on schema control to lyceum_lrs, lyceum_ingest, lyceum_transform, lyceum_reader;
grant usage on schema lms to lyceum_ingest, lyceum_transform, lyceum_reader;
grant usage on schema xapi, ingest to lyceum_lrs, lyceum_ingest, lyceum_transform;
grant usage on schema tenant to lyceum_reader;
grant usage on schema request to lyceum_lrs;

-- Functions are executable by everybody unless this is said first.
alter default privileges revoke execute on functions from public;

create table control.tenants (
    tenant_id integer generated always as identity primary key,
    tenant_uuid uuid not null default gen_random_uuid() unique,
    slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text not null check (name <> ''),
    plan text not null default 'standard' check (plan <> ''),
    time_zone text not null default 'UTC'
    check (timezone(time_zone, timestamptz '2000-01-01 00:00:00+00') is not null),
    settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    is_active boolean not null default true,
    placement text not null default 'default',
    created_at timestamptz not null default now(),
    batch_id bigint not null
);
comment on column control.tenants.placement is
'Which database and topics hold this tenant. One of each today; every pool and producer asks here.';

create table control.reader_roles (
    tenant_id integer primary key references control.tenants,
    role_name name not null unique,
    created_at timestamptz not null default now()
);
comment on table control.reader_roles is
'The database login of each tenant. Its name is opaque, since every login can list all role names.';

-- Whose rows the LRS may see: it says so for each transaction, and is trusted with that. Nothing said: null, no rows.
create function control.request_tenant() returns integer
language sql stable parallel safe
return nullif(current_setting('lyceum.tenant', true), '')::integer;
grant execute on function control.request_tenant() to lyceum_lrs;

-- Whose rows a reader may see: who it logged in as, which neither SET ROLE nor a setting changes. In PL/pgSQL, since
-- that keeps its plan for the session.
create function control.reader_tenant() returns integer
language plpgsql stable parallel safe security definer
set search_path = ''
as $$
begin
    return (select reader.tenant_id from control.reader_roles as reader where reader.role_name = session_user);
end
$$;
grant execute on function control.reader_tenant() to lyceum_reader;

-- Every table with a tenant_id gets this, the marts in the transaction that swaps them in.
create procedure control.isolate_tenants(target regclass)
language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy of_request_tenant on %s to lyceum_lrs using (tenant_id = (select control.request_tenant()))',
        target
    );
    execute format(
        'create policy of_reader_tenant on %s to lyceum_reader using (tenant_id = (select control.reader_tenant()))',
        target
    );
    execute format(
        'create policy of_every_tenant on %s to lyceum_owner, lyceum_ingest, lyceum_transform using (true)',
        target
    );
end
$$;
grant execute on procedure control.isolate_tenants(regclass) to lyceum_transform;

create table control.home_pages (
    tenant_id integer not null references control.tenants,
    home_page text not null check (length(home_page) between 1 and 2000),
    batch_id bigint not null,
    primary key (tenant_id, home_page)
);
comment on table control.home_pages is
'Account homePages that are this tenant''s: account names under them are matched to its users.';

create table control.iri_patterns (
    tenant_id integer not null references control.tenants,
    pattern text not null check (length(pattern) between 1 and 1000 and pattern like '%(?<key>%'),
    -- PostgreSQL has no named groups. key is the only group that captures, and this refuses what is no expression.
    matcher text not null generated always as (replace(pattern, '(?<key>', '(')) stored
    check ('' ~ matcher is not null),
    names text not null check (names in ('course', 'lesson', 'assessment')),
    key_is text not null check (key_is in ('id', 'slug', 'external_id')),
    batch_id bigint not null,
    primary key (tenant_id, pattern, names)
);
comment on table control.iri_patterns is
'Regular expressions with a group named key that recognise a tenant''s courses, lessons and assessments in IRIs.';

create table control.credentials (
    tenant_id integer not null references control.tenants,
    credential_id uuid not null default gen_random_uuid(),
    key_id text not null unique check (length(key_id) between 16 and 100),
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    name text not null check (name <> ''),
    scopes text[] not null check (
        cardinality(scopes) > 0 and scopes <@ array[
            'statements/write', 'statements/read/mine', 'statements/read', 'state', 'define', 'profile',
            'all/read', 'all'
        ]
    ),
    authority json not null,
    authority_key uuid not null,
    bound_actor json,
    bound_registration uuid,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (tenant_id, credential_id),
    check (bound_registration is null or bound_actor is not null)
);
create unique index credentials_name on control.credentials (tenant_id, name) where revoked_at is null;

-- Where browsers may ask from, as the tenant's settings say it. What is no list of texts allows nothing.
create function control.allowed_origins(settings jsonb) returns text[]
language sql immutable parallel safe
return array(
    select jsonb_path_query(settings, 'strict $.allowed_origins[*] ? (@.type() == "string")', '{}', true) #>> '{}'
);

-- A browser asks without a credential first, so it can only be told whether any tenant expects that origin.
create function control.allows_origin(wanted_origin text) returns boolean
language sql stable security definer
set search_path = ''
as $$
    select exists (
        select from control.tenants
        where is_active and array[wanted_origin, '*'] && control.allowed_origins(settings)
    )
$$;
grant execute on function control.allows_origin(text) to lyceum_lrs;

-- The door knows a credential before it knows the tenant. It can ask for one key, and cannot list them.
create function control.find_credential(wanted_key_id text)
returns table (
    tenant_id integer, tenant_uuid uuid, slug text, is_active boolean, credential_id uuid, secret_hash bytea,
    scopes text[], authority json, bound_actor json, bound_registration uuid, expires_at timestamptz,
    revoked_at timestamptz, allowed_origins text[]
)
language sql stable security definer
set search_path = ''
as $$
    select
        tenants.tenant_id, tenants.tenant_uuid, tenants.slug, tenants.is_active, credentials.credential_id,
        credentials.secret_hash, credentials.scopes, credentials.authority, credentials.bound_actor,
        credentials.bound_registration, credentials.expires_at, credentials.revoked_at,
        control.allowed_origins(tenants.settings)
    from control.credentials
    inner join control.tenants on credentials.tenant_id = tenants.tenant_id
    where credentials.key_id = wanted_key_id
$$;
grant execute on function control.find_credential(text) to lyceum_lrs;

-- For "which statements does this agent vouch for": the statements name their credential only.
create view request.credentials as
select
    credential_id,
    authority_key
from control.credentials
where tenant_id = (select control.request_tenant());
grant select on request.credentials to lyceum_lrs;

create table control.audit (
    audit_id bigint generated always as identity primary key,
    tenant_id integer references control.tenants,
    happened_at timestamptz not null default now(),
    who text not null check (who <> ''),
    action text not null check (action <> ''),
    subject text not null,
    detail jsonb not null default '{}'
);
create index audit_of_tenant on control.audit (tenant_id, happened_at);
comment on table control.audit is 'Who did what to tenants and credentials, when. Rows are added, never changed.';

-- The account of what happened stays as it was written, also for the owner.
create function control.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_append_only before update or delete or truncate on control.audit
for each statement execute function control.refuse_change();

call control.isolate_tenants('control.tenants');
call control.isolate_tenants('control.reader_roles');
call control.isolate_tenants('control.home_pages');
call control.isolate_tenants('control.iri_patterns');
call control.isolate_tenants('control.credentials');
call control.isolate_tenants('control.audit');

grant select on control.tenants to lyceum_lrs, lyceum_ingest, lyceum_transform;
grant select (tenant_id, slug, name, time_zone) on control.tenants to lyceum_reader;
grant select on control.home_pages, control.iri_patterns to lyceum_ingest, lyceum_transform;
