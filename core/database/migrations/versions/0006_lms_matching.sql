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

-- Which users an agent may be, by rule; a lower rule goes before a higher one. Groups are nobody: their members are.
create view lms.learner_candidates with (security_invoker) as
with agents as (
    select distinct on (tenant_id, agent_key)
        tenant_id,
        agent_key,
        substr(agent ->> 'mbox', 8) as email,
        lower(agent ->> 'mbox_sha1sum') as mbox_sha1sum,
        agent #>> '{account,homePage}' as home_page,
        agent #>> '{account,name}' as account_name
    from xapi.agents
    where coalesce(agent ->> 'objectType', 'Agent') = 'Agent'
    order by tenant_id, agent_key, form_key
),

accounts as (
    select
        agents.tenant_id,
        agents.agent_key,
        agents.account_name
    from agents
    inner join control.home_pages
        on agents.tenant_id = home_pages.tenant_id and agents.home_page = home_pages.home_page
)

select
    tenant_id,
    agent_key,
    1 as rule,
    user_id
from lms.learner_aliases where user_id is not null
union all
select
    accounts.tenant_id,
    accounts.agent_key,
    2 as rule,
    users.user_id
from accounts
inner join lms.users on accounts.tenant_id = users.tenant_id and accounts.account_name = users.external_id
union all
select
    accounts.tenant_id,
    accounts.agent_key,
    3 as rule,
    users.user_id
from accounts
inner join lms.users on accounts.tenant_id = users.tenant_id and accounts.account_name = users.user_id
union all
select
    agents.tenant_id,
    agents.agent_key,
    4 as rule,
    users.user_id
from agents
inner join lms.users on agents.tenant_id = users.tenant_id and lower(agents.email) = lower(users.email)
union all
select
    agents.tenant_id,
    agents.agent_key,
    5 as rule,
    users.user_id
from agents
inner join lms.users
    on agents.tenant_id = users.tenant_id and array[agents.mbox_sha1sum] && users.mbox_sha1sums;

-- Who an agent is: by the first rule that knows anybody. If that knows more than one, nobody can say.
create view lms.learners with (security_invoker) as
select
    tenant_id,
    agent_key,
    case when count(distinct user_id) = 1 then min(user_id) end as user_id,
    (array['alias', 'account', 'account', 'mbox', 'mbox_sha1sum'])[rule] as matched_by,
    count(distinct user_id) > 1 as is_ambiguous
from (
    select
        *,
        min(rule) over (partition by tenant_id, agent_key) as first_rule
    from lms.learner_candidates
) as candidates
where rule = first_rule
group by tenant_id, agent_key, rule;

-- What an activity may be: by an alias, else by its IRI or one of the patterns. Of several, a lesson goes before
-- an assessment before a course (rank); equal ones are told apart by the learner's enrolments.
create view lms.activity_candidates with (security_invoker) as
with keys as (
    select
        activities.tenant_id,
        activities.activity_key,
        patterns.names,
        patterns.key_is,
        substring(activities.iri from patterns.matcher) as found
    from xapi.activities
    inner join control.iri_patterns as patterns on activities.tenant_id = patterns.tenant_id
    where activities.iri ~ patterns.matcher
),

named as (
    select
        tenant_id,
        activity_key,
        1 as rank,
        course_id,
        lesson_id,
        null::text as assessment_id
    from lms.lessons
    where activity_key is not null
    union
    select
        tenant_id,
        activity_key,
        2 as rank,
        course_id,
        null as lesson_id,
        assessment_id
    from lms.assessments
    where activity_key is not null
    union
    select
        tenant_id,
        activity_key,
        3 as rank,
        course_id,
        null as lesson_id,
        null as assessment_id
    from lms.courses
    where activity_key is not null
    union
    select
        keys.tenant_id,
        keys.activity_key,
        1 as rank,
        lessons.course_id,
        lessons.lesson_id,
        null as assessment_id
    from keys
    inner join lms.lessons
        on
            keys.tenant_id = lessons.tenant_id
            and keys.found
            = case keys.key_is when 'id' then lessons.lesson_id when 'external_id' then lessons.external_id end
    where keys.names = 'lesson'
    union
    select
        keys.tenant_id,
        keys.activity_key,
        2 as rank,
        assessments.course_id,
        null as lesson_id,
        assessments.assessment_id
    from keys
    inner join lms.assessments
        on
            keys.tenant_id = assessments.tenant_id
            and keys.found = case keys.key_is
                when 'id' then assessments.assessment_id when 'external_id' then assessments.external_id
            end
    where keys.names = 'assessment'
    union
    select
        keys.tenant_id,
        keys.activity_key,
        3 as rank,
        courses.course_id,
        null as lesson_id,
        null as assessment_id
    from keys
    inner join lms.courses
        on
            keys.tenant_id = courses.tenant_id
            and keys.found = case keys.key_is
                when 'id' then courses.course_id when 'slug' then courses.slug else courses.external_id
            end
    where keys.names = 'course'
)

select
    aliases.tenant_id,
    aliases.activity_key,
    case when aliases.lesson_id is not null then 1 when aliases.assessment_id is not null then 2 else 3 end as rank,
    coalesce(aliases.course_id, lessons.course_id, assessments.course_id) as course_id,
    aliases.lesson_id,
    aliases.assessment_id
from lms.activity_aliases as aliases
left join lms.lessons on aliases.tenant_id = lessons.tenant_id and aliases.lesson_id = lessons.lesson_id
left join lms.assessments
    on aliases.tenant_id = assessments.tenant_id and aliases.assessment_id = assessments.assessment_id
where num_nonnulls(aliases.course_id, aliases.lesson_id, aliases.assessment_id) = 1
union all
select *
from named
where not exists (
    select from lms.activity_aliases as aliases
    where
        aliases.tenant_id = named.tenant_id and aliases.activity_key = named.activity_key
        and num_nonnulls(aliases.course_id, aliases.lesson_id, aliases.assessment_id) = 1
);

-- From when until when a lesson or an assessment belonged to a course, and whether it was required. The first that is
-- known of one, or of its absence, is taken as always true. That a course does not list it says something only while it
-- is that course's: so each point in time is seen with what was last told of the thing itself.
create view lms.content_periods with (security_invoker) as
with told as (
    select
        tenant_id,
        'lesson' as kind,
        lesson_id::text as content_id,
        happened_at,
        event_key,
        course_id,
        required,
        is_listed
    from lms.lesson_history
    union all
    select
        tenant_id,
        'assessment' as kind,
        assessment_id::text as content_id,
        happened_at,
        event_key,
        course_id,
        required,
        is_listed
    from lms.assessment_history
),

homes as (
    select distinct
        tenant_id,
        kind,
        content_id,
        course_id
    from told
),

points as (
    select
        *,
        true as is_own
    from told
    union all
    select
        listings.tenant_id,
        homes.kind,
        homes.content_id,
        listings.happened_at,
        listings.event_key,
        listings.course_id,
        null as required,
        false as is_listed,
        false as is_own
    from lms.listings
    inner join homes
        on listings.tenant_id = homes.tenant_id and listings.course_id = homes.course_id and listings.kind = homes.kind
    where not exists (
        select from told
        where
            told.tenant_id = homes.tenant_id and told.kind = homes.kind and told.content_id = homes.content_id
            and told.happened_at = listings.happened_at and told.event_key = listings.event_key
    )
),

grouped as (
    select
        *,
        count(*) filter (where is_own) over (
            partition by tenant_id, kind, content_id order by happened_at, event_key
        ) as telling
    from points
),

placed as (
    select
        *,
        first_value(course_id) over (
            partition by tenant_id, kind, content_id, telling order by happened_at, event_key
        ) as current_course
    from grouped
),

periods as (
    select
        *,
        row_number() over of_content = 1 as is_first,
        lead(happened_at) over of_content as next_at
    from placed
    where is_own or telling = 0 or course_id = current_course
    window of_content as (partition by tenant_id, kind, content_id order by happened_at, event_key)
)

select
    tenant_id,
    kind,
    content_id,
    course_id,
    required,
    case when is_first then '-infinity' else happened_at end as starts_at,
    coalesce(next_at, 'infinity') as ends_at
from periods
where is_listed;
