{{ config(
    key=['tenant_id', 'statement_id', 'learner_key'],
    scope='statements',
    touches={'learners': ['tenant_id', 'learner_key']},
    indexes=[['tenant_id', 'learner_key', 'occurred_at', 'statement_id']]
) }}

with statements as (
    select * from {{ ref('int_statements') }} as statements
    where {{ touched('statements', 'statements') }} and not statements.is_voiding
),

voidings as (select * from {{ ref('stg_xapi__voidings') }}),

tenants as (select * from {{ ref('stg_lms__tenants') }}),

verb_kinds as (select * from {{ ref('stg_lms__verb_kinds') }}),

candidates as (select * from {{ ref('int_activity_candidates') }}),

starts as (select * from {{ ref('int_enrollment_starts') }}),

users as (select * from {{ ref('stg_lms__users') }}),

agents as (select * from {{ ref('int_agents') }}),

counted as (
    select
        statements.tenant_id,
        statements.statement_id,
        statements.occurred_at,
        statements.occurred_flag,
        statements.actor_key,
        statements.instructor_key,
        statements.is_group,
        statements.member_keys,
        statements.object_key,
        statements.parent_keys,
        statements.grouping_keys,
        statements.other_keys,
        statements.success,
        statements.completion,
        statements.is_video,
        coalesce(verb_kinds.kind, statements.verb_kind) as told_kind,
        case
            when coalesce(statements.occurred_flag, '') <> 'before_2000'
                then (statements.occurred_at at time zone tenants.time_zone)::date
        end as local_day
    from statements
    inner join tenants on statements.tenant_id = tenants.tenant_id
    left join verb_kinds
        on
            statements.tenant_id = verb_kinds.tenant_id and statements.verb_key = verb_kinds.verb_key
            and verb_kinds.kind is not null
    where not exists (
        select 1 from voidings
        where voidings.tenant_id = statements.tenant_id and voidings.target_id = statements.statement_id
    )
),

-- A group without members is one learner whom nobody knows.
actors as (
    select
        counted.*,
        counted.actor_key as agent_key,
        false as is_member
    from counted
    where not counted.is_group or counted.member_keys is null
    union all
    select
        counted.*,
        member.agent_key,
        true as is_member
    from counted
    cross join lateral unnest(counted.member_keys) as member (agent_key)
    where counted.is_group
),

-- Who is in a group by two names is in it once.
learners as (
    select distinct on (actors.tenant_id, actors.statement_id, coalesce(agents.user_id, actors.agent_key::text))
        actors.*,
        agents.user_id,
        coalesce(agents.match, 'none') as match,
        coalesce('u:' || agents.user_id, 'a:' || actors.agent_key) as learner_key,
        coalesce('u:' || instructors.user_id, 'a:' || actors.instructor_key) as judge_key
    from actors
    left join agents on actors.tenant_id = agents.tenant_id and actors.agent_key = agents.agent_key
    left join agents as instructors
        on actors.tenant_id = instructors.tenant_id and actors.instructor_key = instructors.agent_key
    order by
        actors.tenant_id, actors.statement_id, coalesce(agents.user_id, actors.agent_key::text), actors.agent_key
),

named as (
    select
        counted.tenant_id,
        counted.statement_id,
        activity.level,
        activity.activity_key
    from counted
    cross join lateral (
        select
            1 as level,
            counted.object_key as activity_key
        union all
        select
            2 as level,
            unnest(counted.parent_keys)
        union all
        select
            3 as level,
            unnest(counted.grouping_keys)
        union all
        select
            4 as level,
            unnest(counted.other_keys)
    ) as activity
    where activity.activity_key is not null
),

-- The first level at which anything is known; in it, lessons before assessments before courses.
found as (
    select distinct
        named.tenant_id,
        named.statement_id,
        named.level,
        candidates.course_id,
        candidates.lesson_id,
        candidates.assessment_id,
        rank() over (
            partition by named.tenant_id, named.statement_id order by named.level, candidates.rank
        ) as standing
    from named
    inner join candidates
        on named.tenant_id = candidates.tenant_id and named.activity_key = candidates.activity_key
),

equal_ones as (
    select
        *,
        count(*) over (partition by tenant_id, statement_id) as fits
    from found
    where standing = 1
),

-- Equal ones are told apart by the courses in which the learner had been enrolled by then.
chosen as (
    select
        learners.tenant_id,
        learners.statement_id,
        learners.learner_key,
        count(starts.user_id) as fitting,
        min(equal_ones.course_id) filter (where starts.user_id is not null) as course_id,
        min(equal_ones.lesson_id) filter (where starts.user_id is not null) as lesson_id,
        min(equal_ones.assessment_id) filter (where starts.user_id is not null) as assessment_id
    from equal_ones
    inner join learners on equal_ones.tenant_id = learners.tenant_id and equal_ones.statement_id = learners.statement_id
    left join starts
        on
            learners.tenant_id = starts.tenant_id and learners.user_id = starts.user_id
            and equal_ones.course_id = starts.course_id and learners.occurred_at >= starts.first_enrolled_at
    where equal_ones.fits > 1
    group by learners.tenant_id, learners.statement_id, learners.learner_key
),

levels as (
    select distinct
        tenant_id,
        statement_id,
        level,
        fits,
        case when fits = 1 then course_id end as course_id,
        case when fits = 1 then lesson_id end as lesson_id,
        case when fits = 1 then assessment_id end as assessment_id
    from equal_ones
),

placed as (
    select
        learners.*,
        levels.level,
        levels.level is not null as is_mapped,
        coalesce(levels.fits = 1 or chosen.fitting = 1, false) as is_clear,
        case when chosen.fitting = 1 then chosen.course_id else levels.course_id end as course_id,
        case when chosen.fitting = 1 then chosen.lesson_id else levels.lesson_id end as lesson_id,
        case when chosen.fitting = 1 then chosen.assessment_id else levels.assessment_id end as assessment_id
    from learners
    left join levels on learners.tenant_id = levels.tenant_id and learners.statement_id = levels.statement_id
    left join chosen
        on
            learners.tenant_id = chosen.tenant_id and learners.statement_id = chosen.statement_id
            and learners.learner_key = chosen.learner_key
)

select
    placed.tenant_id,
    placed.statement_id,
    placed.learner_key,
    placed.user_id,
    placed.agent_key,
    placed.match,
    placed.is_member,
    case
        when placed.user_id is null then 'unmatched'
        when users.role <> 'student' then 'staff'
        when placed.course_id is null or starts.user_id is not null then 'learner'
        else 'not_enrolled'
    end as standing,
    placed.occurred_at,
    placed.occurred_flag,
    placed.local_day,
    -- Somebody else's judgement.
    case
        when placed.told_kind in ('passed', 'failed', 'scored') and placed.judge_key <> placed.learner_key
            then 'graded'
        else placed.told_kind
    end as kind,
    placed.course_id,
    placed.lesson_id,
    placed.assessment_id,
    case
        when placed.lesson_id is not null then 'lesson'
        when placed.assessment_id is not null then 'assessment'
        when placed.course_id is not null then 'course'
        else 'none'
    end as place,
    case when placed.is_clear then (array['object', 'parent', 'grouping', 'other'])[placed.level] end as place_level,
    case when not placed.is_mapped then 'unmapped' when not placed.is_clear then 'ambiguous' end as place_trouble,
    coalesce(placed.is_clear and placed.level = 1, false) as is_object,
    placed.object_key,
    placed.success,
    placed.completion,
    placed.is_video
from placed
left join users on placed.tenant_id = users.tenant_id and placed.user_id = users.user_id
left join starts
    on
        placed.tenant_id = starts.tenant_id and placed.user_id = starts.user_id
        and placed.course_id = starts.course_id
