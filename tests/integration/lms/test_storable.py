"""What is accepted, the tables can keep."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from core.lms.events import EVENT_TYPES, read_event
from core.lms.staging import prepare_staging
from core.lms.waiting import TenantEvent
from core.xapi.errors import StatementError as EventError
from tests.harness.database import Database
from tests.harness.event_edges import nearly_events
from tests.harness.events import NOW, make_course, make_event, make_user
from tests.integration.lms.tables import put

pytestmark = pytest.mark.both_databases

WIDEST = "\N{GRINNING FACE}" * 255


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.service("ingest") as connection:
        prepare_staging(connection)
        connection.commit()
        yield connection


@pytest.mark.parametrize("name", EVENT_TYPES)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_accepted_events__are_stored(
    database: Database, connection: Connection, name: str, data: st.DataObject
) -> None:
    try:
        event = read_event(json.dumps(data.draw(nearly_events(name))).encode(), NOW)
    except EventError:
        return
    tenant_id = known_tenant(database)
    before = [make_user(), make_user("bob"), make_course(assessments=("test",))]
    with connection.transaction(force_rollback=True):
        put(connection, [TenantEvent(tenant_id, one) for one in [*before, event]])


def known_tenant(database: Database) -> int:
    with database.admin() as connection:
        row = connection.execute("select tenant_id from control.tenants").fetchone()
    return int(row[0]) if row else database.tenant("school").tenant_id


def test_accepted_events__the_longest_names_fit_into_every_index(database: Database, connection: Connection) -> None:
    tenant_id = known_tenant(database)
    graded = {"assessmentId": WIDEST, "attemptNumber": 2**31 - 1, "score": 1}
    course = make_course(
        WIDEST, lessons=(), slug=WIDEST, externalId=WIDEST, instructors=[WIDEST],
        modules=[{"moduleId": WIDEST, "title": "x", "position": 0, "lessons": [
            {"lessonId": WIDEST, "title": "x", "position": 0, "contentType": "text", "required": True,
             "activityIri": "https://x.example/" + "\N{GRINNING FACE}" * 2030},
        ]}],
        assessments=[{"assessmentId": WIDEST, "title": "x", "type": "quiz", "maxScore": 1, "required": True}],
    )  # fmt: skip
    events = [
        make_event("assessment.graded", graded, 3, userId=WIDEST),
        make_event("enrollment.updated", {"courseId": WIDEST, "cohort": WIDEST}, 3, userId=WIDEST),
        make_event("assessment.submitted", {"assessmentId": WIDEST, "attemptNumber": 2**31 - 1}, userId=WIDEST),
        make_event("student.enrolled", {"courseId": WIDEST}, userId=WIDEST),
        make_event("lesson.completed", {"lessonId": WIDEST}, userId=WIDEST),
        make_user(WIDEST, email=WIDEST + "@x", externalId=WIDEST),
    ]
    with connection.transaction():
        put(connection, [TenantEvent(tenant_id, one) for one in events])
        assert put(connection, [TenantEvent(tenant_id, course)]).released == 5
