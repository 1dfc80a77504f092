"""The domain events of an LMS, read strictly: what is accepted here, the tables can keep."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from core.lms import payloads
from core.lms.kinds import VERSION, EventVersion, Id, Moment, Name, Schema, Uuid
from core.lms.payloads import Payload
from core.lms.rules import refuse_contradictions, refuse_impossible
from core.lms.shapes import schema_of, struct_reader, struct_readers, struct_schema
from core.xapi.errors import StatementError as EventError
from core.xapi.errors import missing, quoted
from core.xapi.storable import MAX_DEPTH, refuse_bad_characters, refuse_bad_utf8, refuse_depth
from core.xapi.values import elements, encode, members, read_members, string

SEVERAL = "events"
_canonical = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class EventType:
    payload: type[Payload]
    says: str
    needs_user: bool = True


EVENT_TYPES = {
    "user.upserted": EventType(payloads.UserUpserted, "All that the LMS knows about the user `userId`."),
    "course.upserted": EventType(
        payloads.CourseUpserted,
        "A course as a whole: its instructors, modules, lessons and assessments that are missing here are removed "
        "as of this event.",
        needs_user=False,
    ),
    "course.published": EventType(payloads.CoursePublished, "The course is published from now on.", needs_user=False),
    "student.enrolled": EventType(
        payloads.StudentEnrolled,
        "The learner `userId` is enrolled from now on. Again: the enrolment begins anew, an earlier completion stands.",
    ),
    "student.withdrawn": EventType(payloads.StudentWithdrawn, "The learner `userId` has left the course."),
    "enrollment.updated": EventType(
        payloads.EnrollmentUpdated,
        "Changes what is given of the enrolment of the learner `userId`; null takes a value away.",
    ),
    "lesson.progressed": EventType(payloads.LessonProgressed, "The learner `userId` is at work on the lesson."),
    "lesson.completed": EventType(
        payloads.LessonCompleted, "The learner `userId` has completed the lesson. An earlier completion stands."
    ),
    "lesson.reset": EventType(
        payloads.LessonReset, "What the learner `userId` did in the lesson until now does not count any more."
    ),
    "assessment.submitted": EventType(
        payloads.AssessmentSubmitted, "The learner `userId` has handed in this attempt at the assessment."
    ),
    "assessment.graded": EventType(
        payloads.AssessmentGraded, "This attempt of the learner `userId` has this score, in points, from now on."
    ),
}


class Head(Struct, rename="camel"):
    """What every event has beside its payload."""

    event_id: Uuid
    event_type: Name
    timestamp: Moment
    version: EventVersion
    tenant_id: Name | None = None
    user_id: Id | None = None


@dataclass(frozen=True)
class Event:
    event_id: UUID
    event_type: str
    timestamp: datetime
    payload: Payload
    tenant: str | None = None
    user_id: str | None = None

    @cached_property
    def key(self) -> bytes:
        """Of two events of the same time the greater wins. The id comes first; the digest tells apart two different
        events under one id, so that it does not matter which of them came first."""
        return self.event_id.bytes + sha256(self.text).digest()[:16]

    @cached_property
    def text(self) -> bytes:
        """One text for equal events, without the tenant."""
        return _canonical({
            "eventId": str(self.event_id), "eventType": self.event_type, "payload": self.payload,
            "timestamp": self.timestamp, "userId": self.user_id, "version": VERSION,
        })  # fmt: skip

    def of_tenant(self, tenant: str) -> bytes:
        """As it is handed on."""
        return encode({"tenantId": tenant, **json.loads(self.text)})


class NewerVersionError(EventError):
    """No mistake of the sender's: this Lyceum is older than the one that sent it."""


def read_event(text: bytes, received_at: datetime) -> Event:
    event = parse_event(text)
    refuse_impossible("timestamp", event.timestamp, received_at)
    try:
        refuse_contradictions(event.payload, received_at)
    except EventError as error:
        raise error.under("payload") from None
    return event


def parse_event(text: bytes) -> Event:
    """As far as its shape goes, which is what the JSON Schema says."""
    refuse_bad_utf8(text)
    refuse_depth(text)
    refuse_bad_characters(text)
    found = members(text)
    head = _read_head(found)
    return Event(
        event_id=UUID(head["eventId"]),
        event_type=head["eventType"],
        timestamp=head["timestamp"],
        payload=head["payload"],
        tenant=head.get("tenantId"),
        user_id=head.get("userId"),
    )


def read_events(body: bytes, received_at: datetime) -> list[Event]:
    """A list of them: all, or none."""
    events: list[Event] = []
    try:
        texts = split(body)
    except EventError as error:
        raise error.under(SEVERAL) from None
    try:
        for text in texts:
            events.append(read_event(text, received_at))  # noqa: PERF401 (its length is the index in the error below)
    except EventError as error:
        raise error.under(f"{SEVERAL}[{len(events)}]") from None
    return events


def event_schema(name: str) -> Schema:
    event_type = EVENT_TYPES[name]
    head = struct_schema(Head)
    properties = {
        **head["properties"],
        "eventType": {"const": name},
        "payload": struct_schema(event_type.payload),
    }
    if event_type.needs_user:
        properties["userId"] = schema_of(Id)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": event_type.says,
        "type": "object",
        "required": [*head["required"], *(["userId"] if event_type.needs_user else []), "payload"],
        "properties": properties,
        "additionalProperties": False,
    }


def split(body: bytes) -> list[bytes]:
    refuse_bad_utf8(body)
    refuse_depth(body, MAX_DEPTH + 1)
    return [bytes(text) for text in elements(body)]


def _read_head(found: Mapping[str, bytes]) -> dict[str, Any]:
    event_type = _type_of(found)
    _refuse_newer(found)
    head = read_members(found, {**struct_readers(Head), "payload": struct_reader(event_type.payload, "the payload")})
    for name in ("eventId", "timestamp", "version", "payload"):
        if name not in head:
            raise missing(name, "an event")
    if event_type.needs_user and head.get("userId") is None:
        raise missing("userId", f"the event {head['eventType']}")
    return head


def _type_of(found: Mapping[str, bytes]) -> EventType:
    if "eventType" not in found:
        raise missing("eventType", "an event")
    try:
        name = string(found["eventType"])
    except EventError as error:
        raise error.under("eventType") from None
    if name not in EVENT_TYPES:
        raise EventError("eventType", quoted(name), ", ".join(EVENT_TYPES))
    return EVENT_TYPES[name]


def _refuse_newer(found: Mapping[str, bytes]) -> None:
    version = bytes(found.get("version", b""))
    if version.isdigit() and len(version) < 10 and int(version) > VERSION:
        raise NewerVersionError("version", version.decode(), f"at most {VERSION}: this Lyceum is older than the event")
