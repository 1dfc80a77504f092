"""A statement whose way can be seen: a learner of the demo completes a lesson that they have not completed yet."""

import json
from typing import Any, NamedTuple
from uuid import uuid4

from psycopg import Connection
from psycopg.rows import class_row

from core.errors import UserError
from simulator.sinks.http import Credential

VERSION = "1.0.3"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"

# Of the courses that the instructor sees, the one that the dashboard shows first; its lessons in their order.
CHOICE = """
select
    learners.tenant_id, learners.user_id, learners.course_id, steps.lesson_id, users.full_name as learner, users.email,
    courses.title as course, lessons.title as lesson, named.iri as lesson_iri
from marts.mart_learner_summary as learners
inner join control.people on learners.tenant_id = people.tenant_id and people.user_name = %s
inner join lms.course_instructors as taught
    on learners.tenant_id = taught.tenant_id and learners.course_id = taught.course_id
        and people.user_id = taught.user_id and taught.is_listed and taught.removed_at is null
inner join lms.users on learners.tenant_id = users.tenant_id and learners.user_id = users.user_id
inner join marts.mart_course_funnel as steps
    on learners.tenant_id = steps.tenant_id and learners.course_id = steps.course_id
inner join marts.dim_course as courses
    on learners.tenant_id = courses.tenant_id and learners.course_id = courses.course_id
inner join marts.dim_lesson as lessons
    on learners.tenant_id = lessons.tenant_id and steps.lesson_id = lessons.lesson_id
inner join lateral (
    select facts.object_iri as iri from marts.fct_statements as facts
    where facts.tenant_id = learners.tenant_id and facts.lesson_id = steps.lesson_id
        and facts.place = 'lesson' and facts.place_level = 'object' and facts.kind = 'completed'
    order by facts.object_iri limit 1
) as named on true
where learners.status <> 'withdrawn' and not learners.waived and users.email is not null
    and not exists (
        select from lms.users as others
        where others.tenant_id = users.tenant_id and lower(others.email) = lower(users.email)
            and others.user_id <> users.user_id
    )
    and not exists (
        select from marts.fct_lesson_completion as done
        where done.tenant_id = learners.tenant_id and done.learner_key = learners.learner_key
            and done.lesson_id = steps.lesson_id
    )
order by steps.enrolled desc, courses.title, steps.position, learners.user_id
limit 1
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


def choose_example(connection: Connection, instructor: str) -> Example:
    with connection.cursor(row_factory=class_row(Example)) as cursor:
        found = cursor.execute(CHOICE, [instructor]).fetchone()
    if found is None:
        raise UserError(
            "There is no learner left who has a lesson of this instructor to complete.",
            "Begin with new schools: `lyceum down`, remove the home folder, `lyceum demo`.",
        )
    return found


def curl(statement: dict[str, Any], credential: Credential, endpoint: str) -> str:
    """As it can be pasted: in one line, and nothing in it ends the quotes."""
    body = json.dumps(statement).replace("'", "\\u0027")
    return (
        f"curl -sS -u {credential.key}:{credential.secret} -H 'X-Experience-API-Version: {VERSION}' "
        f"-H 'Content-Type: application/json' -d '{body}' {endpoint}/statements"
    )
