"""What statements name that nothing of the LMS is known for, by how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

# An object that is not known is placed all the same where an activity of its context is.
ACTIVITIES = """
with mapped as materialized (
    select distinct activity_key from lms.activity_candidates where tenant_id = %(tenant)s
), loose as (
    select object_key, stored, statement_id, statement
    from xapi.statements
    where tenant_id = %(tenant)s and stored >= %(since)s and object_key is not null
        and object_key not in (select activity_key from mapped)
), unplaced as (
    select object_key, count(*) as statements, max(stored) as last_stored,
        (array_agg(statement_id order by stored desc))[1]::text as example
    from loose
    where not exists (
        select from jsonb_path_query(statement::jsonb, 'lax $.context.contextActivities.*.id') as found (id)
        inner join mapped on mapped.activity_key = lms.activity_key(%(tenant)s, found.id #>> '{}')
    )
    group by object_key
)
select activities.iri as named, unplaced.statements, unplaced.last_stored, unplaced.example, null as note
from unplaced inner join xapi.activities
    on activities.tenant_id = %(tenant)s and activities.activity_key = unplaced.object_key
order by 2 desc, 1 limit %(limit)s
"""
LEARNERS = """
with actors as (
    select actor_key, count(*) as statements, max(stored) as last_stored,
        (array_agg(statement_id order by stored desc))[1]::text as example
    from xapi.statements
    where tenant_id = %(tenant)s and stored >= %(since)s
    group by actor_key
)
select forms.agent::text as named, actors.statements, actors.last_stored, actors.example,
    case when learners.is_ambiguous then 'ambiguous' end as note
from actors
inner join lateral (
    select agent from xapi.agents
    where agents.tenant_id = %(tenant)s and agents.agent_key = actors.actor_key
        and coalesce(agent ->> 'objectType', 'Agent') = 'Agent'
    order by form_key limit 1
) as forms on true
left join lms.learners on learners.tenant_id = %(tenant)s and learners.agent_key = actors.actor_key
where learners.user_id is null
order by 2 desc, 1 limit %(limit)s
"""
VERBS = """
select verbs.iri as named, count(*) as statements, max(statements.stored) as last_stored,
    (array_agg(statements.statement_id order by statements.stored desc))[1]::text as example, null as note
from xapi.statements
inner join xapi.verbs on verbs.tenant_id = %(tenant)s and verbs.verb_key = statements.verb_key
where statements.tenant_id = %(tenant)s and statements.stored >= %(since)s and not exists (
    select from lms.verb_kinds
    where verb_kinds.tenant_id = %(tenant)s and verb_kinds.verb_key = statements.verb_key and kind is not null
)
group by 1 order by 2 desc, 1 limit %(limit)s
"""
QUERIES: Mapping[str, str] = {"activity": ACTIVITIES, "learner": LEARNERS, "verb": VERBS}


@dataclass(frozen=True)
class Unmapped:
    """`named` as `lyceum map` takes it; `example` is the last statement that names it."""

    named: str
    statements: int
    last_stored: datetime
    example: str
    note: str | None


def list_unmapped(connection: Connection, kind: str, tenant_id: int, since: datetime, limit: int) -> list[Unmapped]:
    parameters = {"tenant": tenant_id, "since": since, "limit": limit}
    with connection.cursor(row_factory=class_row(Unmapped)) as cursor:
        return cursor.execute(QUERIES[kind], parameters).fetchall()
