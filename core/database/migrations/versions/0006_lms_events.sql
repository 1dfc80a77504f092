-- The lms tables as domain events and imports keep them. A row's columns fall into groups that are told about together;
-- of all that was told about a group the greatest (happened_at, event_key) stands, so that the order of arrival does
-- not matter. What was true when, which marts ask for, is kept beside it: rows that are added and never changed.

create domain lms.event_key as bytea check (octet_length(value) = 32);
comment on domain lms.event_key is
'An event''s id, then a digest of its content: so even two different events under one id have an order.';

alter domain lms.iri drop constraint iri_check;
alter domain lms.iri add check (length(value) between 1 and 2048);

-- As core.xapi.keys makes it, so that a statement's object_key finds its lesson without a look at the IRI, which may
-- be longer than an index has room for.
create function lms.activity_key(tenant integer, iri text) returns uuid
language sql immutable parallel safe strict
return encode(substr(sha256(convert_to(tenant || '|activity|' || iri, 'UTF8')), 1, 16), 'hex')::uuid;
grant execute on function lms.activity_key(integer, text) to lyceum_ingest, lyceum_lrs, lyceum_transform;

-- Adds what says when and by which event a group of columns was told. What is there already is older than any event.
create procedure lms.keep_groups(target regclass, variadic groups text[])
language plpgsql
as $$
declare
    name text;
begin
    foreach name in array groups loop
        execute format(
            'alter table %s add %I timestamptz not null default ''1900-01-01 00:00:00+00'', '
            'add %I lms.event_key not null default decode(repeat(''00'', 32), ''hex'')',
            target, name || '_said_at', name || '_said_by'
        );
    end loop;
end
$$;

alter table lms.users
add is_active boolean not null default true,
-- SHA-1 of the mailto IRI, as written and in lower case. Made by whoever writes: PostgreSQL has no such function.
add mbox_sha1sums text[];
call lms.keep_groups('lms.users', 'profile');

alter table lms.courses
add constraint courses_slug_check check (length(slug) between 1 and 255),
add activity_key uuid generated always as (lms.activity_key(tenant_id, activity_iri)) stored;
drop index lms.courses_activity;
create index courses_activity on lms.courses (tenant_id, activity_key);
create index courses_slug on lms.courses (tenant_id, slug);
create index courses_external_id on lms.courses (tenant_id, external_id);
call lms.keep_groups('lms.courses', 'details', 'status', 'published');

alter table lms.course_instructors
add is_listed boolean not null default true,
add removed_at timestamptz;
call lms.keep_groups('lms.course_instructors', 'presence');

-- A module is a part of its course: under the same id another course may have another one.
alter table lms.lessons drop constraint lessons_tenant_id_course_id_module_id_fkey;
alter table lms.modules
drop constraint modules_pkey,
drop constraint modules_tenant_id_course_id_module_id_key,
add primary key (tenant_id, course_id, module_id),
add is_listed boolean not null default true,
add removed_at timestamptz;
call lms.keep_groups('lms.modules', 'details');

alter table lms.lessons
add foreign key (tenant_id, course_id, module_id) references lms.modules,
add is_listed boolean not null default true,
add removed_at timestamptz,
add activity_key uuid generated always as (lms.activity_key(tenant_id, activity_iri)) stored;
drop index lms.lessons_activity;
create index lessons_activity on lms.lessons (tenant_id, activity_key);
create index lessons_external_id on lms.lessons (tenant_id, external_id);
call lms.keep_groups('lms.lessons', 'details');

alter table lms.assessments
add is_listed boolean not null default true,
add removed_at timestamptz,
add highest_max_score numeric,
add activity_key uuid generated always as (lms.activity_key(tenant_id, activity_iri)) stored;
update lms.assessments set highest_max_score = max_score;
alter table lms.assessments add check (highest_max_score >= max_score);
comment on column lms.assessments.highest_max_score is
'The most that max_score ever was. No score can be above it; scores above today''s max_score were given before.';
drop index lms.assessments_activity;
create index assessments_activity on lms.assessments (tenant_id, activity_key);
create index assessments_external_id on lms.assessments (tenant_id, external_id);
create index assessments_lesson on lms.assessments (tenant_id, lesson_id);
call lms.keep_groups('lms.assessments', 'details');

alter table lms.enrollments
add completed_seen_at timestamptz,
add check (length(cohort) between 1 and 255);
comment on column lms.enrollments.completed_seen_at is
'When it was first said, and not taken back since, that the course is completed: counts where completed_at is missing.';
call lms.keep_groups('lms.enrollments', 'enrolled', 'status', 'completion', 'due', 'cohort');

call lms.keep_groups('lms.submissions', 'submission', 'grade');

-- At this time somebody named all children of this kind that a course has: those not named are removed as of then.
create table lms.listings (
    tenant_id integer not null,
    course_id lms.id not null,
    kind text not null check (kind in ('instructor', 'module', 'lesson', 'assessment')),
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    batch_id bigint not null,
    primary key (tenant_id, course_id, kind, happened_at, event_key),
    foreign key (tenant_id, course_id) references lms.courses
);

create table lms.course_history (
    tenant_id integer not null,
    course_id lms.id not null,
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    status text not null check (status in ('draft', 'published', 'archived')),
    batch_id bigint not null,
    primary key (tenant_id, course_id, happened_at, event_key),
    foreign key (tenant_id, course_id) references lms.courses
);

create table lms.lesson_history (
    tenant_id integer not null,
    lesson_id lms.id not null,
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    course_id lms.id not null,
    required boolean not null,
    is_listed boolean not null,
    batch_id bigint not null,
    primary key (tenant_id, lesson_id, happened_at, event_key),
    foreign key (tenant_id, lesson_id) references lms.lessons,
    foreign key (tenant_id, course_id) references lms.courses
);
create index lesson_history_course on lms.lesson_history (tenant_id, course_id);

create table lms.assessment_history (
    tenant_id integer not null,
    assessment_id lms.id not null,
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    course_id lms.id not null,
    required boolean not null,
    max_score numeric not null check (max_score > 0),
    passing_score numeric check (passing_score >= 0),
    is_listed boolean not null,
    batch_id bigint not null,
    primary key (tenant_id, assessment_id, happened_at, event_key),
    foreign key (tenant_id, assessment_id) references lms.assessments,
    foreign key (tenant_id, course_id) references lms.courses
);
create index assessment_history_course on lms.assessment_history (tenant_id, course_id);

-- What each event said; what it did not speak of is null, and where null says something a flag tells.
create table lms.enrollment_history (
    tenant_id integer not null,
    course_id lms.id not null,
    user_id lms.id not null,
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    status text check (status in ('active', 'completed', 'withdrawn')),
    enrolled_at timestamptz,
    completed_at timestamptz,
    says_completion boolean not null,
    due_at timestamptz,
    says_due boolean not null,
    batch_id bigint not null,
    primary key (tenant_id, course_id, user_id, happened_at, event_key),
    foreign key (tenant_id, course_id, user_id) references lms.enrollments
);

create table lms.lesson_progress_history (
    tenant_id integer not null,
    lesson_id lms.id not null,
    user_id lms.id not null,
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    status text not null check (status in ('not_started', 'in_progress', 'completed')),
    progress_pct numeric check (progress_pct between 0 and 100),
    started_at timestamptz,
    completed_at timestamptz,
    -- Says everything there is to say; what was said before does not count any more.
    is_whole boolean not null,
    batch_id bigint not null,
    primary key (tenant_id, lesson_id, user_id, happened_at, event_key),
    foreign key (tenant_id, lesson_id) references lms.lessons,
    foreign key (tenant_id, user_id) references lms.users
);

create table lms.submission_history (
    tenant_id integer not null,
    assessment_id lms.id not null,
    user_id lms.id not null,
    attempt_number integer not null check (attempt_number > 0),
    happened_at timestamptz not null,
    event_key lms.event_key not null,
    submitted_at timestamptz,
    status text check (status in ('submitted', 'graded', 'returned')),
    score numeric check (score >= 0),
    graded_at timestamptz,
    batch_id bigint not null,
    primary key (tenant_id, assessment_id, user_id, attempt_number, happened_at, event_key),
    foreign key (tenant_id, assessment_id, user_id, attempt_number) references lms.submissions
);

-- What was there before there was a history is taken as always true.
insert into lms.course_history
select
    tenant_id,
    course_id,
    details_said_at,
    details_said_by,
    status,
    batch_id
from lms.courses;

insert into lms.lesson_history
select
    tenant_id,
    lesson_id,
    details_said_at,
    details_said_by,
    course_id,
    required,
    true as is_listed,
    batch_id
from lms.lessons;

insert into lms.assessment_history
select
    tenant_id,
    assessment_id,
    details_said_at,
    details_said_by,
    course_id,
    required,
    max_score,
    passing_score,
    true as is_listed,
    batch_id
from lms.assessments;

insert into lms.enrollment_history
select
    tenant_id,
    course_id,
    user_id,
    status_said_at,
    status_said_by,
    status,
    enrolled_at,
    completed_at,
    true as says_completion,
    due_at,
    true as says_due,
    batch_id
from lms.enrollments;

insert into lms.lesson_progress_history
select
    tenant_id,
    lesson_id,
    user_id,
    '1900-01-01 00:00:00+00' as happened_at,
    decode(repeat('00', 32), 'hex') as event_key,
    status,
    progress_pct,
    started_at,
    completed_at,
    true as is_whole,
    batch_id
from lms.lesson_progress;

insert into lms.submission_history
select
    tenant_id,
    assessment_id,
    user_id,
    attempt_number,
    grade_said_at,
    grade_said_by,
    submitted_at,
    status,
    score,
    graded_at,
    batch_id
from lms.submissions;

-- Events that name something unknown, once for each thing that is missing. They are applied when it arrives.
create table lms.waiting_events (
    tenant_id integer not null references control.tenants,
    event_key lms.event_key not null,
    awaited_kind text not null check (
        awaited_kind in ('user', 'course', 'lesson', 'assessment', 'enrollment', 'submission', 'max_score')
    ),
    awaited_ids text[] not null check (cardinality(awaited_ids) > 0),
    event_id uuid not null,
    event_type text not null,
    event json not null,
    waiting_since timestamptz not null default now(),
    primary key (tenant_id, event_key, awaited_kind, awaited_ids)
);
create index waiting_events_awaited on lms.waiting_events (tenant_id, awaited_kind, awaited_ids);

-- Who changes a tenant's rows holds its row here, and the others queue: so nobody waits for what another transaction,
-- which cannot be seen yet, is just bringing. No advisory lock, since those are open to every login.
create table lms.turns (
    tenant_id integer primary key references control.tenants
);

-- What was imported: the same file for the same time a second time is nothing to do.
create table lms.imports (
    tenant_id integer not null references control.tenants,
    import_key lms.event_key not null,
    name text not null,
    digest bytea not null check (octet_length(digest) = 32),
    as_of timestamptz not null,
    batch_id bigint not null,
    imported_at timestamptz not null default now(),
    primary key (tenant_id, import_key)
);

create function lms.refuse_high_scores() returns trigger
language plpgsql
as $$
begin
    if exists (
        select from changed
        inner join lms.assessments
            on changed.tenant_id = assessments.tenant_id and changed.assessment_id = assessments.assessment_id
        where changed.score > greatest(assessments.highest_max_score, assessments.max_score)
    ) then
        raise exception 'a score is above the assessment''s max_score' using errcode = 'check_violation';
    end if;
    return null;
end
$$;
create trigger scores_are_within_bounds_when_new after insert on lms.submissions
referencing new table as changed for each statement execute function lms.refuse_high_scores();
create trigger scores_are_within_bounds after update on lms.submissions
referencing new table as changed for each statement execute function lms.refuse_high_scores();
