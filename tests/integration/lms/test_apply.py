"""What each event does to the tables."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from core.lms.apply import Applied
from core.lms.events import Event
from core.lms.waiting import TenantEvent
from tests.harness.database import Database
from tests.harness.events import START, make_assessment, make_course, make_event, make_lesson, make_user
from tests.integration.lms.tables import put, tell

pytestmark = pytest.mark.both_databases

ALGEBRA = {"courseId": "algebra"}
ENROLLED = ("student.enrolled", ALGEBRA)
SUBMITTED = ("assessment.submitted", {"assessmentId": "test", "attemptNumber": 1})


def graded(score: float, minute: float, **payload: Any) -> Event:
    given = {"assessmentId": "test", "attemptNumber": 1, "score": score, **payload}
    return make_event("assessment.graded", given, minute)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.fixture
def tenant_id(database: Database) -> int:
    return database.tenant("school").tenant_id


def ask(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.service("ingest") as connection:
        return connection.execute(query).fetchall()


def test_user__the_last_telling_stands(database: Database, tenant_id: int) -> None:
    tell(database, tenant_id, make_user(minute=2, fullName="Ada L", email="Ada@School.example"))
    tell(database, tenant_id, make_user(minute=1, fullName="A", externalId="7"))
    assert ask(database, "select email, full_name, external_id, role, is_active from lms.users") == [
        ("Ada@School.example", "Ada L", None, "student", True)
    ]
    # As written, and in lower case.
    assert ask(database, "select mbox_sha1sums from lms.users") == [
        (["005576adfb4b7d9e605ff8d4c8e5599dfe3b92a1", "24d17674de9ee9705940708722e8d5dca329dc1f"],)
    ]


def test_user__the_same_again_is_no_change(database: Database, tenant_id: int) -> None:
    tell(database, tenant_id, make_user(minute=1))
    before = ask(database, "select batch_id from lms.users")
    tell(database, tenant_id, make_user(minute=2))
    assert ask(database, "select batch_id from lms.users") == before
    tell(database, tenant_id, make_user(minute=3, fullName="Ada"))
    assert ask(database, "select batch_id from lms.users") > before


def test_course__a_missing_child_is_removed_as_of_then(database: Database, tenant_id: int) -> None:
    whole = make_course(minute=1, lessons=("sets", "rings"), assessments=("test",), instructors=["ada"])
    tell(database, tenant_id, make_user(), whole, make_course(minute=9, lessons=("sets",)))
    tell(database, tenant_id, make_course(minute=5, lessons=("sets",)))
    assert ask(database, "select lesson_id, removed_at from lms.lessons order by 1") == [
        ("rings", at(5)), ("sets", None),
    ]  # fmt: skip
    assert ask(database, "select removed_at from lms.assessments") == [(at(5),)]
    assert ask(database, "select removed_at from lms.course_instructors") == [(at(5),)]
    tell(database, tenant_id, make_course(minute=10, lessons=("sets", "rings")))
    assert ask(database, "select count(*) from lms.lessons where removed_at is not null") == [(0,)]


def test_course__published_by_an_event_of_its_own(database: Database, tenant_id: int) -> None:
    tell(database, tenant_id, make_event("course.published", ALGEBRA, 2, userId=None))
    tell(database, tenant_id, make_course(minute=1, status="draft"))
    assert ask(database, "select status, published_at from lms.courses") == [("published", at(2))]
    tell(database, tenant_id, make_course(minute=3, status="archived"))
    assert ask(database, "select status, published_at from lms.courses") == [("archived", at(2))]


def test_enrollment__again_moves_enrolled_at_and_an_earlier_completion_stands(
    database: Database, tenant_id: int
) -> None:
    completed = {**ALGEBRA, "status": "completed", "completedAt": at(3).isoformat()}
    tell(
        database, tenant_id, make_user(), make_course(), make_event(*ENROLLED, 1),
        make_event("enrollment.updated", completed, 4), make_event(*ENROLLED, 5),
    )  # fmt: skip
    assert ask(database, "select status, enrolled_at, completed_at from lms.enrollments") == [("active", at(5), at(3))]


def test_enrollment__completed_without_a_time_counts_from_when_it_was_first_said(
    database: Database, tenant_id: int
) -> None:
    tell(database, tenant_id, make_user(), make_course(), make_event(*ENROLLED, 1))
    for minute in (7, 4):
        tell(database, tenant_id, make_event("enrollment.updated", {**ALGEBRA, "status": "completed"}, minute))
    assert ask(database, "select status, completed_at, completed_seen_at from lms.enrollments") == [
        ("completed", None, at(4))
    ]
    taken_back = make_event("enrollment.updated", {**ALGEBRA, "status": "active", "completedAt": None}, 5)
    tell(database, tenant_id, taken_back)
    assert ask(database, "select completed_seen_at from lms.enrollments") == [(at(7),)]


def test_enrollment__null_takes_a_value_away_and_nothing_said_leaves_it(database: Database, tenant_id: int) -> None:
    enrolled = make_event("student.enrolled", {**ALGEBRA, "cohort": "x", "dueAt": at(99).isoformat()}, 1)
    changed = make_event("enrollment.updated", {**ALGEBRA, "dueAt": None}, 2)
    tell(database, tenant_id, make_user(), make_course(), enrolled, changed, make_event(*ENROLLED, 3))
    assert ask(database, "select cohort, due_at from lms.enrollments") == [("x", None)]


def test_lesson__an_earlier_completion_stands_until_a_reset(database: Database, tenant_id: int) -> None:
    completed = [make_event("lesson.completed", {"lessonId": "sets"}, minute) for minute in (3, 2, 6)]
    tell(database, tenant_id, make_user(), make_course(), *completed)
    query = "select status, progress_pct, started_at, completed_at from lms.lesson_progress"
    assert ask(database, query) == [("completed", 100, None, at(2))]
    tell(database, tenant_id, make_event("lesson.reset", {"lessonId": "sets"}, 4))
    assert ask(database, query) == [("completed", 100, None, at(6))]
    tell(database, tenant_id, make_event("lesson.reset", {"lessonId": "sets"}, 7))
    assert ask(database, query) == [("not_started", None, None, None)]
    tell(database, tenant_id, make_event("lesson.progressed", {"lessonId": "sets", "progressPct": 12.5}, 8))
    assert ask(database, query) == [("in_progress", 12.5, at(8), None)]


def test_assessment__a_grade_waits_for_its_submission(database: Database, tenant_id: int) -> None:
    tell(database, tenant_id, make_user(), make_course(assessments=("test",)))
    assert tell(database, tenant_id, graded(7.5, 5)) == Applied(0, 1, 0)
    assert tell(database, tenant_id, make_event(*SUBMITTED, 3)) == Applied(1, 0, 1)
    assert ask(database, "select status, score, submitted_at, graded_at from lms.submissions") == [
        ("graded", 7.5, at(3), at(5))
    ]


def test_assessment__a_grade_with_its_own_time_of_submission_waits_for_nothing(
    database: Database, tenant_id: int
) -> None:
    tell(database, tenant_id, make_user(), make_course(assessments=("test",)))
    assert tell(database, tenant_id, graded(10, 5, submittedAt=at(1).isoformat())) == Applied(1, 0, 0)
    assert ask(database, "select score, submitted_at from lms.submissions") == [(10, at(1))]


def test_assessment__a_score_above_the_bound_waits_until_the_bound_was_ever_higher(
    database: Database, tenant_id: int
) -> None:
    tell(database, tenant_id, make_user(), make_course(minute=1, assessments=("test",)), make_event(*SUBMITTED, 2))
    assert tell(database, tenant_id, graded(10.5, 3)) == Applied(0, 1, 0)
    assert ask(database, "select awaited_kind, awaited_ids from lms.waiting_events") == [("max_score", ["test"])]
    higher = make_course(minute=0, assessments=(make_assessment("test", maxScore=10.5),))
    assert tell(database, tenant_id, higher) == Applied(1, 0, 1)
    assert ask(database, "select score from lms.submissions") == [(10.5,)]
    assert ask(database, "select max_score, highest_max_score from lms.assessments") == [(10, 10.5)]


def test_waiting__for_several_things_that_wait_themselves(database: Database, tenant_id: int) -> None:
    assert tell(database, tenant_id, make_event("enrollment.updated", {**ALGEBRA, "cohort": "x"}, 2)).waiting == 1
    assert tell(database, tenant_id, make_event(*ENROLLED, 1)).waiting == 1
    awaited = ask(database, "select awaited_kind, awaited_ids from lms.waiting_events order by 1")
    assert awaited == [("course", ["algebra"]), ("enrollment", ["algebra", "ada"]), ("user", ["ada"])]
    assert tell(database, tenant_id, make_course()) == Applied(1, 0, 0)
    assert tell(database, tenant_id, make_user()) == Applied(1, 0, 2)
    assert ask(database, "select cohort from lms.enrollments") == [("x",)]
    assert ask(database, "select count(*) from lms.waiting_events") == [(0,)]


def test_waiting__a_course_is_there_at_once_and_its_unknown_instructor_later(
    database: Database, tenant_id: int
) -> None:
    assert tell(database, tenant_id, make_course(instructors=["ada"])) == Applied(0, 1, 0)
    since = ask(database, "select waiting_since from lms.waiting_events")
    assert ask(database, "select count(*) from lms.lessons") == [(1,)]
    assert tell(database, tenant_id, make_course(instructors=["ada"])).waiting == 1
    assert (min(ask(database, "select waiting_since from lms.waiting_events")), len(since)) == (since[0], 1)
    assert tell(database, tenant_id, make_user()).released == 2
    assert ask(database, "select user_id from lms.course_instructors") == [("ada",)]


def test_tenants__the_same_ids_and_nothing_shared(database: Database, tenant_id: int) -> None:
    other = database.tenant("other").tenant_id
    tell(database, tenant_id, make_user(), make_course())
    assert tell(database, other, make_event(*ENROLLED)) == Applied(0, 1, 0)
    with database.service("ingest") as connection:
        both = [TenantEvent(tenant, make_user(fullName=str(tenant))) for tenant in (tenant_id, other)]
        put(connection, [*both, TenantEvent(other, make_course())])
    assert ask(database, "select tenant_id from lms.enrollments") == [(other,)]
    assert len(ask(database, "select distinct full_name from lms.users")) == 2


def test_history__what_was_told_when(database: Database, tenant_id: int) -> None:
    optional = make_lesson("sets", required=False)
    tell(database, tenant_id, make_course(minute=1), make_course(minute=3, lessons=(optional,)))
    assert ask(database, "select happened_at, required from lms.lesson_history order by 1") == [
        (at(1), True), (at(3), False),
    ]  # fmt: skip


WRONG = {
    "a score above every bound": "update lms.submissions set score = 10.1",
    "an attempt twice": "insert into lms.submissions select * from lms.submissions",
    "an attempt of number 0": "update lms.submissions set attempt_number = 0",
    "a status unheard of": "update lms.enrollments set status = 'paused'",
    "an enrolment twice": "insert into lms.enrollments select * from lms.enrollments",
    "another tenant's user": "update lms.enrollments set tenant_id = (select max(tenant_id) from control.tenants)",
    "a course that is not there": "update lms.lessons set course_id = 'botany'",
    "a bound below max_score": "update lms.assessments set highest_max_score = 9",
    "a progress above 100": "update lms.lesson_progress set progress_pct = 101",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_tables__wrong_states_are_impossible(database: Database, tenant_id: int, wrong: str) -> None:
    database.tenant("other")
    tell(
        database, tenant_id, make_user(), make_course(assessments=("test",)), make_event(*ENROLLED),
        make_event(*SUBMITTED), graded(10, 3), make_event("lesson.completed", {"lessonId": "sets"}),
    )  # fmt: skip
    with database.service("ingest") as connection, pytest.raises(errors.IntegrityError):
        connection.execute(WRONG[wrong])


def test_ingest__held_to_the_tenant_that_it_named(database: Database, tenant_id: int) -> None:
    other = database.tenant("other").tenant_id
    tell(database, other, make_user())
    with database.service("ingest") as connection:
        name_tenant(connection, tenant_id)
        assert connection.execute("select count(*) from lms.users").fetchone() == (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            put(connection, [TenantEvent(other, make_user("bob"))])


def name_tenant(connection: Connection, tenant_id: int) -> None:
    connection.execute("select set_config('lyceum.tenant', %s, true)", [str(tenant_id)])
