"""A statement whose way can be seen: a learner of the demo completes a lesson that they have not completed yet."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from psycopg import Connection
from psycopg.rows import class_row

from core.errors import UserError
from simulator.sinks.http import Credential

VERSION = "1.0.3"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"

# Of the courses that the instructor sees, the one that the dashboard shows first; its lessons in their order. Each part
# by itself: put together, the planner takes minutes for it.
CHOICE = """
with courses as materialized (
    select taught.tenant_id, taught.course_id, dim_course.title
    from control.people
    inner join lms.course_instructors as taught using (tenant_id, user_id)
    inner join marts.dim_course using (tenant_id, course_id)
    where people.user_name = %s and taught.is_listed and taught.removed_at is null
),
named as materialized (
    select facts.tenant_id, facts.lesson_id, min(facts.object_iri) as iri
    from marts.fct_statements as facts inner join courses using (tenant_id, course_id)
    where facts.place = 'lesson' and facts.place_level = 'object'
    group by facts.tenant_id, facts.lesson_id
),
steps as materialized (
    select funnel.*, courses.title as course, dim_lesson.title as lesson, named.iri
    from marts.mart_course_funnel as funnel
    inner join courses using (tenant_id, course_id)
    inner join named using (tenant_id, lesson_id)
    inner join marts.dim_lesson using (tenant_id, lesson_id)
),
learners as materialized (
    select learners.*, users.full_name, users.email
    from marts.mart_learner_summary as learners
    inner join courses using (tenant_id, course_id)
    inner join lms.users using (tenant_id, user_id)
    where learners.status <> 'withdrawn' and not learners.waived
        and (
            select count(*) from lms.users as others
            where others.tenant_id = users.tenant_id and lower(others.email) = lower(users.email)
        ) = 1
),
done as materialized (
    select done.tenant_id, done.learner_key, done.lesson_id
    from marts.fct_lesson_completion as done inner join courses using (tenant_id, course_id)
)
select
    tenant_id, learners.user_id, course_id, lesson_id, learners.full_name as learner, learners.email,
    steps.course, steps.lesson, steps.iri as lesson_iri
from steps
inner join learners using (tenant_id, course_id)
left join done using (tenant_id, learner_key, lesson_id)
where done.learner_key is null
order by steps.enrolled desc, steps.course, steps.position, learners.user_id
limit 1
"""


# A course of whose lessons one is known by its IRI: in others nobody new would be an example either.
BUSIEST = """
select funnel.course_id
from marts.mart_course_funnel as funnel
inner join lms.course_instructors as taught using (tenant_id, course_id)
inner join control.people using (tenant_id, user_id)
where people.user_name = %s and taught.is_listed and taught.removed_at is null and exists (
    select from marts.fct_statements as facts
    where facts.tenant_id = funnel.tenant_id and facts.lesson_id = funnel.lesson_id
        and facts.place = 'lesson' and facts.place_level = 'object'
)
order by funnel.enrolled desc, funnel.course_id limit 1
"""


class Example(NamedTuple):
    tenant_id: int
    user_id: str
    course_id: str
    lesson_id: str
    learner: str
    email: str
    course: str
    lesson: str
    lesson_iri: str

    def statement(self) -> dict[str, Any]:
        return {
            "actor": {"objectType": "Agent", "mbox": f"mailto:{self.email}"},
            "verb": {"id": COMPLETED, "display": {"en": "completed"}},
            "object": {"id": self.lesson_iri, "definition": {"name": {"en": self.lesson}}},
            "result": {"completion": True},
        }

    def statement_with_id(self) -> dict[str, Any]:
        return {"id": str(uuid4()), **self.statement()}


def find_example(connection: Connection, instructor: str) -> Example | None:
    with connection.cursor(row_factory=class_row(Example)) as cursor:
        return cursor.execute(CHOICE, [instructor]).fetchone()


def busiest_course(connection: Connection, instructor: str) -> str:
    row = connection.execute(BUSIEST, [instructor]).fetchone()
    if row is None:
        raise UserError(
            "Nobody has begun a lesson of a course that the instructor teaches.",
            "Begin with larger schools: `lyceum down`, remove the home folder, `lyceum demo`.",
        )
    return str(row[0])


def newcomer(course_id: str) -> list[dict[str, Any]]:
    """What an LMS tells of somebody new."""
    user_id, now = f"guest-{uuid4().hex[:8]}", datetime.now(UTC).isoformat()
    payloads = {
        "user.upserted": {"role": "student", "fullName": "Gus Guest", "email": f"{user_id}@demo.example"},
        "student.enrolled": {"courseId": course_id},
    }
    return [
        {
            "eventId": str(uuid4()), "eventType": kind, "userId": user_id, "timestamp": now, "version": 1,
            "payload": payload,
        }
        for kind, payload in payloads.items()
    ]  # fmt: skip


def curl(statement: dict[str, Any], credential: Credential, endpoint: str) -> str:
    """As it can be pasted: in one line, and nothing in it ends the quotes."""
    body = json.dumps(statement).replace("'", "\\u0027")
    return (
        f"curl -sS -u {credential.key}:{credential.secret} -H 'X-Experience-API-Version: {VERSION}' "
        f"-H 'Content-Type: application/json' -d '{body}' {endpoint}/statements"
    )
