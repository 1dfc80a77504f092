-- What the LMS knows: the landing place of imports and domain events. Ids are the LMS's own, as text. Every key
-- starts with the tenant and every foreign key carries it, so that no row can point into another tenant.

create domain lms.id as text check (length(value) between 1 and 255);
create domain lms.iri as text check (length(value) between 1 and 2000);

create table lms.users (
    tenant_id integer not null references control.tenants,
    user_id lms.id not null,
    email text check (length(email) between 3 and 320),
    full_name text,
    role text not null check (role in ('student', 'instructor', 'admin')),
    external_id lms.id,
    attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
    batch_id bigint not null,
    primary key (tenant_id, user_id)
);
-- Not unique: two users with one mail are a finding ("ambiguous"), not an error of the import.
create index users_email on lms.users (tenant_id, lower(email));
create index users_external_id on lms.users (tenant_id, external_id);

create table lms.courses (
    tenant_id integer not null references control.tenants,
    course_id lms.id not null,
    title text not null,
    slug text,
    status text not null check (status in ('draft', 'published', 'archived')),
    starts_at timestamptz,
    ends_at timestamptz,
    length_days integer check (length_days > 0),
    settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    published_at timestamptz,
    activity_iri lms.iri,
    external_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, course_id),
    check (ends_at >= starts_at)
);
create index courses_activity on lms.courses (tenant_id, activity_iri);

create table lms.course_instructors (
    tenant_id integer not null,
    course_id lms.id not null,
    user_id lms.id not null,
    batch_id bigint not null,
    primary key (tenant_id, course_id, user_id),
    foreign key (tenant_id, course_id) references lms.courses,
    foreign key (tenant_id, user_id) references lms.users
);
create index course_instructors_user on lms.course_instructors (tenant_id, user_id);

create table lms.modules (
    tenant_id integer not null,
    module_id lms.id not null,
    course_id lms.id not null,
    title text not null,
    position integer not null check (position >= 0),
    batch_id bigint not null,
    primary key (tenant_id, module_id),
    -- For the lessons: a lesson's module is a module of the lesson's course.
    unique (tenant_id, course_id, module_id),
    foreign key (tenant_id, course_id) references lms.courses
);

create table lms.lessons (
    tenant_id integer not null,
    lesson_id lms.id not null,
    course_id lms.id not null,
    module_id lms.id not null,
    title text not null,
    position integer not null check (position >= 0),
    content_type text not null check (content_type in ('video', 'text', 'quiz', 'assignment', 'interactive')),
    duration_min numeric check (duration_min >= 0),
    required boolean not null,
    activity_iri lms.iri,
    external_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, lesson_id),
    foreign key (tenant_id, course_id, module_id) references lms.modules (tenant_id, course_id, module_id)
);
create index lessons_course on lms.lessons (tenant_id, course_id, module_id);
create index lessons_activity on lms.lessons (tenant_id, activity_iri);

create table lms.enrollments (
    tenant_id integer not null,
    course_id lms.id not null,
    user_id lms.id not null,
    status text not null check (status in ('active', 'completed', 'withdrawn')),
    enrolled_at timestamptz not null,
    completed_at timestamptz,
    due_at timestamptz,
    cohort text,
    batch_id bigint not null,
    -- One enrolment a learner and course: a second one moves enrolled_at.
    primary key (tenant_id, course_id, user_id),
    foreign key (tenant_id, course_id) references lms.courses,
    foreign key (tenant_id, user_id) references lms.users
);
create index enrollments_user on lms.enrollments (tenant_id, user_id);

create table lms.lesson_progress (
    tenant_id integer not null,
    lesson_id lms.id not null,
    user_id lms.id not null,
    status text not null check (status in ('not_started', 'in_progress', 'completed')),
    progress_pct numeric check (progress_pct between 0 and 100),
    started_at timestamptz,
    completed_at timestamptz,
    batch_id bigint not null,
    primary key (tenant_id, lesson_id, user_id),
    foreign key (tenant_id, lesson_id) references lms.lessons,
    foreign key (tenant_id, user_id) references lms.users
);
create index lesson_progress_user on lms.lesson_progress (tenant_id, user_id);

create table lms.assessments (
    tenant_id integer not null,
    assessment_id lms.id not null,
    course_id lms.id not null,
    lesson_id lms.id,
    title text not null,
    type text not null check (type in ('quiz', 'exam', 'assignment', 'peer_review')),
    max_score numeric not null check (max_score > 0),
    passing_score numeric check (passing_score >= 0),
    max_attempts integer check (max_attempts > 0),
    required boolean not null,
    activity_iri lms.iri,
    external_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, assessment_id),
    foreign key (tenant_id, course_id) references lms.courses,
    foreign key (tenant_id, lesson_id) references lms.lessons,
    check (passing_score <= max_score)
);
create index assessments_course on lms.assessments (tenant_id, course_id);
create index assessments_activity on lms.assessments (tenant_id, activity_iri);

create table lms.submissions (
    tenant_id integer not null,
    assessment_id lms.id not null,
    user_id lms.id not null,
    attempt_number integer not null check (attempt_number > 0),
    status text not null check (status in ('submitted', 'graded', 'returned')),
    score numeric check (score >= 0),
    submitted_at timestamptz not null,
    graded_at timestamptz,
    external_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, assessment_id, user_id, attempt_number),
    foreign key (tenant_id, assessment_id) references lms.assessments,
    foreign key (tenant_id, user_id) references lms.users
);
create index submissions_user on lms.submissions (tenant_id, user_id);

do $$
declare
    target record;
begin
    for target in
        select oid::regclass as relation from pg_class where relnamespace = 'lms'::regnamespace and relkind = 'r'
    loop
        call control.isolate_tenants(target.relation);
    end loop;
end
$$;

grant select, insert, update, delete on all tables in schema lms to lyceum_ingest;
grant select on all tables in schema lms to lyceum_transform, lyceum_reader;
