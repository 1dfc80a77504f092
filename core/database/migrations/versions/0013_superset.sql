-- Where Superset keeps its dashboards and sessions. It makes its tables itself.
create schema superset;
grant usage, create on schema superset to lyceum_superset;

-- Who may sign in. Superset's own table of users follows from this one.
create table control.people (
    tenant_id integer references control.tenants,
    -- `<tenant>/<email>`, so that one mail in two tenants is two people; the operator's has no tenant.
    user_name text not null unique check (user_name = lower(user_name) and length(user_name) between 3 and 128),
    role text not null check (role in ('instructor', 'admin', 'analyst', 'operator')),
    email text check (email = lower(email)),
    full_name text not null,
    -- Who that is in the LMS. No foreign key: an erasure must not stop here, and whoever is not there teaches nothing.
    user_id lms.id,
    source text not null check (source in ('lms', 'hand')),
    password_hash text,
    created_at timestamptz not null default now(),
    disabled_at timestamptz,
    check ((tenant_id is null) = (role = 'operator')),
    check (tenant_id is null or email is not null),
    check (source = 'hand' or user_id is not null)
);
create index people_tenant on control.people (tenant_id, user_name);
comment on table control.people is 'Who may sign in to the dashboards, and as what.';
comment on column control.people.source is
'lms: follows from lms.users and course_instructors; hand: made by `lyceum people create`, and left alone by a sync.';
comment on column control.people.disabled_at is 'Since when this person may not sign in, whatever the LMS says.';
call control.isolate_tenants('control.people');

-- What Superset asks at each request. Nobody, where the person or the tenant is disabled. What is kept of an answer is
-- kept for `sight`: another refresh of the marts, or another course to teach, is another sight.
create function control.dashboard_person(wanted text)
returns table (
    user_name text, role text, tenant text, reader text, user_id text, email text, full_name text, sight text
)
language sql stable security definer
set search_path = ''
as $$
    select
        person.user_name, person.role, tenant.slug, reader.role_name::text, person.user_id::text, person.email,
        person.full_name,
        pg_catalog.concat_ws(
            ' ', person.role, person.user_id,
            (
                select pg_catalog.max(done.finished_at) from marts.refreshes as done
                where done.tenant_id = person.tenant_id or done.tenant_id is null or person.tenant_id is null
            ),
            (
                select pg_catalog.md5(pg_catalog.string_agg(taught.course_id, ' ' order by taught.course_id))
                from lms.course_instructors as taught
                where taught.tenant_id = person.tenant_id and taught.user_id = person.user_id
                    and taught.is_listed and taught.removed_at is null
            )
        )
    from control.people as person
    left join control.tenants as tenant on person.tenant_id = tenant.tenant_id
    left join control.reader_roles as reader on person.tenant_id = reader.tenant_id
    where person.user_name = wanted and person.disabled_at is null and (person.tenant_id is null or tenant.is_active)
$$;
grant usage on schema control to lyceum_superset;
grant execute on function control.dashboard_person(text) to lyceum_superset;

-- Apart, so that only signing in reads it.
create function control.dashboard_password(wanted text) returns text
language sql stable security definer
set search_path = ''
as $$
    select person.password_hash from control.people as person
    where person.user_name = wanted and person.disabled_at is null
$$;
grant execute on function control.dashboard_password(text) to lyceum_superset;

-- Staff of the LMS: its admins, its instructors, and whoever teaches a course. Of two with one mail, neither: nobody
-- knows who signs in.
create function control.staff(wanted_tenant integer)
returns table (user_id text, user_name text, role text, email text, full_name text)
language sql stable security definer
set search_path = ''
as $$
    select
        known.user_id::text, tenant.slug || '/' || lower(known.email),
        case when known.role = 'admin' then 'admin' else 'instructor' end,
        lower(known.email), coalesce(known.full_name, known.email)
    from lms.users as known
    inner join control.tenants as tenant on known.tenant_id = tenant.tenant_id
    where known.tenant_id = wanted_tenant and known.email is not null and length(tenant.slug || known.email) < 128
        and (
            known.role in ('admin', 'instructor')
            or exists (
                select from lms.course_instructors as taught
                where taught.tenant_id = wanted_tenant and taught.user_id = known.user_id
                    and taught.is_listed and taught.removed_at is null
            )
        )
        and not exists (
            select from lms.users as other
            where other.tenant_id = wanted_tenant and lower(other.email) = lower(known.email)
                and other.user_id <> known.user_id
        )
$$;

-- Staff become people. Who is no longer staff may not come in any more; who was disabled by hand stays so, and who was
-- made by hand is left alone.
create function control.sync_people(wanted_tenant integer)
returns table (made integer, changed integer, ended integer)
language plpgsql volatile security definer
set search_path = ''
as $$
begin
    delete from control.people as person
    where person.tenant_id = wanted_tenant and person.source = 'lms' and person.disabled_at is null
        and not exists (
            select from control.staff(wanted_tenant) as staff
            where staff.user_name = person.user_name and staff.user_id = person.user_id
        );
    get diagnostics ended = row_count;
    update control.people as person set role = staff.role, full_name = staff.full_name
    from control.staff(wanted_tenant) as staff
    where person.user_name = staff.user_name and person.source = 'lms'
        and (person.role, person.full_name) is distinct from (staff.role, staff.full_name);
    get diagnostics changed = row_count;
    insert into control.people (tenant_id, user_name, role, email, full_name, user_id, source)
    select wanted_tenant, staff.user_name, staff.role, staff.email, staff.full_name, staff.user_id, 'lms'
    from control.staff(wanted_tenant) as staff
    on conflict do nothing;
    get diagnostics made = row_count;
    return next;
end
$$;
grant execute on function control.sync_people(integer) to lyceum_ingest;
