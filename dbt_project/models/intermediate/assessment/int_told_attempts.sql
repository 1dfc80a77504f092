{{ config(key=['tenant_id', 'learner_key', 'assessment_id', 'attempt_id'], scope='learners') }}

with recursive statements as (
    select * from {{ ref('fct_statement_learners') }}
    where
        {{ touched('learners', 'fct_statement_learners') }}
        and place = 'assessment'
        and is_object
        and not is_member
        and kind in ('passed', 'failed', 'scored', 'graded', 'completed')
),

details as (select * from {{ ref('fct_statements') }}),

assessments as (select * from {{ ref('stg_lms__assessments') }}),

scored as (
    select
        statements.*,
        details.session_id,
        details.attempt_id as said_attempt_id,
        details.raw,
        details.min_score,
        details.max_score,
        assessments.max_score::double precision as most,
        case
            when details.scaled >= 0 then details.scaled
            when details.max_score > coalesce(details.min_score, 0)
                then
                    (details.raw - coalesce(details.min_score, 0))
                    / (details.max_score - coalesce(details.min_score, 0))
            else details.raw / assessments.max_score::double precision
        end as share,
        coalesce(
            details.success, case details.verb_kind when 'passed' then true when 'failed' then false end
        ) as verdict
    from statements
    inner join details on statements.tenant_id = details.tenant_id and statements.statement_id = details.statement_id
    inner join assessments
        on statements.tenant_id = assessments.tenant_id and statements.assessment_id = assessments.assessment_id
    where statements.kind <> 'completed' or details.scaled is not null or details.raw is not null
),

-- What statements of one attempt have in common: its name, or else the verdict and the score.
likened as (
    select
        *,
        case
            when raw is not null and coalesce(min_score, 0) = 0 and coalesce(max_score, most) = most then raw
            else share * most
        end as score,
        coalesce(session_id, said_attempt_id) is not null as is_named,
        coalesce(
            'session ' || session_id, 'attempt ' || said_attempt_id,
            concat_ws(' ', 'like', coalesce(verdict::text, 'unjudged'), coalesce(share::text, 'unscored'))
        ) as likeness
    from scored
),

-- Without a name the minute runs from the first, its end included; the next one after that begins an attempt again.
begun as (
    select
        tenant_id,
        learner_key,
        assessment_id,
        likeness,
        is_named,
        min(occurred_at) as started_at,
        array_agg(occurred_at order by occurred_at) as times
    from likened
    group by tenant_id, learner_key, assessment_id, likeness, is_named
    union all
    select
        tenant_id,
        learner_key,
        assessment_id,
        likeness,
        is_named,
        (
            select min(later.at) from unnest(times) as later (at) where later.at > started_at + interval '1 minute'
        ) as started_at,
        times
    from begun
    where not is_named and times[cardinality(times)] > started_at + interval '1 minute'
),

spans as (
    select
        tenant_id,
        learner_key,
        assessment_id,
        likeness,
        started_at,
        coalesce(
            lead(started_at) over (partition by tenant_id, learner_key, assessment_id, likeness order by started_at),
            'infinity'
        ) as next_started_at
    from begun
),

joined as (
    select
        likened.*,
        spans.started_at
    from likened
    inner join spans
        on
            likened.tenant_id = spans.tenant_id
            and likened.learner_key = spans.learner_key
            and likened.assessment_id = spans.assessment_id
            and likened.likeness = spans.likeness
            and likened.occurred_at >= spans.started_at
            and likened.occurred_at < spans.next_started_at
)

select
    tenant_id,
    learner_key,
    max(user_id) as user_id,
    assessment_id,
    (array_agg(statement_id order by occurred_at, statement_id))[1] as attempt_id,
    started_at as occurred_at,
    (array_agg(score order by occurred_at, statement_id) filter (where share is not null))[1] as score,
    (array_agg(share order by occurred_at, statement_id) filter (where share is not null))[1] as share,
    (array_agg(verdict order by occurred_at, statement_id) filter (where verdict is not null))[1] as verdict,
    jsonb_agg(statement_id order by occurred_at, statement_id) as statement_ids
from joined
group by tenant_id, learner_key, assessment_id, likeness, started_at
