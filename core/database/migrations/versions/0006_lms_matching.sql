-- Whom and what a statement is about: corrections made by hand, and views that marts match by.

-- An alias without a target is one that was taken back: it stays, so that its end is a change like its beginning.
create table lms.learner_aliases (
    tenant_id integer not null references control.tenants,
    agent_key uuid not null,
    agent json not null,
    user_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, agent_key),
    foreign key (tenant_id, user_id) references lms.users
);

create table lms.activity_aliases (
    tenant_id integer not null references control.tenants,
    activity_key uuid not null,
    iri lms.iri not null,
    course_id lms.id,
    lesson_id lms.id,
    assessment_id lms.id,
    batch_id bigint not null,
    primary key (tenant_id, activity_key),
    foreign key (tenant_id, course_id) references lms.courses,
    foreign key (tenant_id, lesson_id) references lms.lessons,
    foreign key (tenant_id, assessment_id) references lms.assessments,
    check (num_nonnulls(course_id, lesson_id, assessment_id) <= 1)
);

create table lms.verb_kinds (
    tenant_id integer not null references control.tenants,
    verb_key uuid not null,
    iri lms.iri not null,
    kind text check (kind in (
        'started', 'progressed', 'completed', 'passed', 'failed', 'scored', 'answered', 'viewed', 'played', 'paused',
        'seeked', 'interacted', 'graded', 'ended', 'waived', 'other'
    )),
    batch_id bigint not null,
    primary key (tenant_id, verb_key)
);
