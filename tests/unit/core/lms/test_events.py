import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.lms.events import EVENT_TYPES, NewerVersionError, parse_event, read_event, read_events
from core.lms.payloads import EnrollmentUpdated, StudentEnrolled
from core.xapi.errors import StatementError as EventError
from tests.harness.event_examples import EXAMPLES
from tests.harness.events import NOW, event_body, make_assessment, make_course, make_event, make_lesson, make_user

ENROLLED = event_body("student.enrolled", {"courseId": "algebra"})


def refusal(body: Any) -> EventError:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(EventError) as refused:
        read_event(text, NOW)
    return refused.value


def test_read__what_is_left_out_is_not_null() -> None:
    event = make_event("enrollment.updated", {"courseId": "algebra", "completedAt": None})
    assert isinstance(event.payload, EnrollmentUpdated)
    assert event.payload.completed_at is None
    assert event.payload.due_at is not None


@pytest.mark.parametrize(
    ("changes", "path", "found"),
    [
        ({"eventId": "1"}, "eventId", '"1"'),
        ({"eventId": None}, "eventId", "nothing"),
        ({"eventType": "student.expelled"}, "eventType", '"student.expelled"'),
        ({"timestamp": "2026-02-30T10:00:00Z"}, "timestamp", '"2026-02-30T10:00:00Z"'),
        ({"timestamp": "2026-03-01T10:00:00"}, "timestamp", '"2026-03-01T10:00:00"'),
        ({"timestamp": "1899-12-31T23:59:59Z"}, "timestamp", '"1899-12-31T23:59:59.000Z"'),
        ({"version": 0}, "version", "0"),
        ({"userId": None}, "userId", "nothing"),
        ({"userId": ""}, "userId", "an empty string"),
        ({"colour": 1}, "colour", "a property that does not exist here"),
        ({"payload": []}, "payload", "[]"),
        ({"payload": {}}, "payload.courseId", "nothing"),
        ({"payload": {"courseId": 5}}, "payload.courseId", "5"),
        ({"payload": {"courseId": "x" * 256}}, "payload.courseId", f'"{"x" * 59}…"'),
        ({"payload": {"courseId": "a\0b"}}, "payload.courseId", "the character U+0000"),
        ({"payload": {"courseId": "a", "dueAt": "soon"}}, "payload.dueAt", '"soon"'),
    ],
)
def test_read__a_refusal_names_the_property(changes: dict[str, Any], path: str, found: str) -> None:
    body = {name: value for name, value in {**ENROLLED, **changes}.items() if value is not None}
    error = refusal(body)
    assert (error.path, error.found) == (path, found)


def test_read__half_a_surrogate_pair_is_refused() -> None:
    text = json.dumps(ENROLLED).replace('"ada"', '"\\ud800"').encode()
    assert (refusal(text).path, refusal(text).found) == ("userId", "half of a surrogate pair")


def test_read__a_property_twice_is_refused() -> None:
    text = json.dumps(ENROLLED).replace('"courseId"', '"courseId": "x", "courseId"').encode()
    assert refusal(text).path == "payload.courseId"


def test_read__nesting_without_end_is_refused() -> None:
    deep = b'{"role": "student", "attributes": ' + b'{"a":' * 200 + b"1" + b"}" * 201
    text = json.dumps({**ENROLLED, "eventType": "user.upserted"}).encode()
    assert "levels" in str(refusal(text.replace(b'{"courseId": "algebra"}', deep)))


@pytest.mark.parametrize(
    ("event_type", "payload", "path"),
    [
        ("student.enrolled", None, "timestamp"),
        ("lesson.progressed", {"lessonId": "sets", "startedAt": "AHEAD"}, "payload.startedAt"),
        ("enrollment.updated", {"courseId": "algebra", "enrolledAt": "AHEAD"}, "payload.enrolledAt"),
        ("enrollment.updated", {"courseId": "algebra", "completedAt": "AHEAD"}, "payload.completedAt"),
        (
            "assessment.graded",
            {"assessmentId": "test", "attemptNumber": 1, "score": 1, "submittedAt": "AHEAD"},
            "payload.submittedAt",
        ),
    ],
)
def test_read__a_time_more_than_five_minutes_ahead(event_type: str, payload: dict[str, Any] | None, path: str) -> None:
    def body(ahead: timedelta) -> dict[str, Any]:
        moment = (NOW + ahead).isoformat()
        if payload is None:
            return {**ENROLLED, "timestamp": moment}
        return event_body(event_type, {name: moment if v == "AHEAD" else v for name, v in payload.items()})

    assert read_event(json.dumps(body(timedelta(minutes=5))).encode(), NOW).event_type == event_type
    assert refusal(body(timedelta(minutes=5, milliseconds=1))).path == path


def test_read__a_due_date_may_lie_ahead() -> None:
    event = make_event("student.enrolled", {"courseId": "algebra", "dueAt": "2030-01-01T00:00:00Z"})
    assert isinstance(event.payload, StudentEnrolled)
    assert event.payload.due_at == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"startsAt": "2026-03-02T00:00:00Z", "endsAt": "2026-03-01T00:00:00Z"}, "payload.endsAt"),
        ({"instructors": ["ada", "ada"]}, "payload.instructors[1]"),
        ({"lessons": ["sets", "sets"]}, "payload.modules[0].lessons[1].lessonId"),
        ({"assessments": ["test", "test"]}, "payload.assessments[1].assessmentId"),
        ({"assessments": [make_assessment("test", lessonId="ferns")]}, "payload.assessments[0].lessonId"),
        ({"assessments": [make_assessment("test", passingScore=10.5)]}, "payload.assessments[0].passingScore"),
        ({"lessons": [make_lesson("sets", position=-1)]}, "payload.modules[0].lessons[0].position"),
        ({"lengthDays": 36_501}, "payload.lengthDays"),
        ({"activityIri": "no iri"}, "payload.activityIri"),
    ],
)
def test_read__contradictions_in_a_course(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(EventError) as refused:
        make_course(**changes)
    assert refused.value.path == path


def test_read__an_update_must_change_something() -> None:
    assert refusal(event_body("enrollment.updated", {"courseId": "algebra"})).path == "payload"


def test_read__a_newer_version_is_no_mistake_of_the_sender() -> None:
    with pytest.raises(NewerVersionError):
        read_event(json.dumps({**ENROLLED, "version": 2, "unheardOf": True}).encode(), NOW)


def test_read_events__all_or_none_and_the_number_of_the_wrong_one() -> None:
    good, bad = json.dumps(ENROLLED), json.dumps({**ENROLLED, "version": 0})
    assert len(read_events(f"[{good}, {good}]".encode(), NOW)) == 2
    for body, path in ((f"[{good}, {bad}]", "events[1].version"), ("{}", "events"), ("[", "events")):
        with pytest.raises(EventError) as refused:
            read_events(body.encode(), NOW)
        assert refused.value.path == path


def test_key__the_same_for_the_same_event_written_otherwise() -> None:
    body = event_body("user.upserted", {"role": "student", "attributes": {"b": 1.0, "a": 2}})
    other = {**body, "payload": {"isActive": True, "attributes": {"a": 2, "b": 1}, "role": "student", "email": None}}
    other["timestamp"] = "2026-03-01T09:00:00.000+01:00"
    other["tenantId"] = "school"
    assert parse_event(json.dumps(body).encode()).key == parse_event(json.dumps(other).encode()).key


def test_key__orders_by_the_id_and_tells_contents_apart() -> None:
    low, high = "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"
    first, second = make_user(eventId=low, fullName="One"), make_user(eventId=low, fullName="Two")
    assert first.key != second.key
    assert max(first.key, second.key) < make_user(eventId=high).key


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_of_tenant__what_is_handed_on_is_the_event(event_type: str) -> None:
    event = make_event(event_type, EXAMPLES[event_type])
    again = parse_event(event.of_tenant("school"))
    assert again.tenant == "school"
    assert again.key == event.key
