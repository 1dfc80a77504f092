-- Who may touch what is new in lms, and the scope of credentials that bring events.

do $$
declare
    target text;
begin
    foreach target in array array[
        'listings', 'course_history', 'lesson_history', 'assessment_history', 'enrollment_history',
        'lesson_progress_history', 'submission_history', 'waiting_events', 'imports', 'turns', 'learner_aliases',
        'activity_aliases', 'verb_kinds'
    ] loop
        execute format('call control.isolate_tenants(%L)', 'lms.' || target);
    end loop;
    for target in
        select oid::regclass from pg_class where relnamespace = 'lms'::regnamespace and relkind = 'r'
    loop
        -- Ingest serves every tenant, but what has named one is held to it: an import, for instance.
        execute format(
            'create policy held_to_the_named_tenant on %s as restrictive to lyceum_ingest using ('
            'tenant_id = (select control.request_tenant()) or (select control.request_tenant()) is null)', target
        );
    end loop;
end
$$;
grant execute on function control.request_tenant() to lyceum_ingest;

grant select, insert, update, delete on all tables in schema lms to lyceum_ingest;
grant select on all tables in schema lms to lyceum_transform;
grant select on
lms.listings, lms.course_history, lms.lesson_history, lms.assessment_history, lms.enrollment_history,
lms.lesson_progress_history, lms.submission_history
to lyceum_reader;

-- The LRS applies events where there is no Kafka. The policies hold it to its request's tenant.
grant usage on schema lms to lyceum_lrs;
grant select, insert, update on all tables in schema lms to lyceum_lrs;
grant delete on lms.waiting_events to lyceum_lrs;
revoke insert, update on
lms.learner_candidates, lms.learners, lms.activity_candidates, lms.content_periods,
lms.imports, lms.learner_aliases, lms.activity_aliases, lms.verb_kinds from lyceum_lrs;

alter table control.credentials drop constraint credentials_scopes_check;
alter table control.credentials add constraint credentials_scopes_check check (
    cardinality(scopes) > 0 and scopes <@ array[
        'statements/write', 'statements/read/mine', 'statements/read', 'state', 'define', 'profile',
        'all/read', 'all', 'events/write'
    ]
);
