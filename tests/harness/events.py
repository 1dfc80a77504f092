"""Domain events for tests: single ones, and a random school's."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from core.lms.events import Event, read_event

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def event_body(event_type: str, payload: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "eventId": str(uuid4()),
        "eventType": event_type,
        "userId": "ada",
        "timestamp": "2026-03-01T08:00:00Z",
        "version": 1,
        "payload": dict(payload),
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def make_event(event_type: str, payload: Mapping[str, Any], minute: float = 0, **changes: Any) -> Event:
    """At so many minutes after the term began."""
    given = {"timestamp": (START + timedelta(minutes=minute)).isoformat(), **changes}
    return read_event(json.dumps(event_body(event_type, payload, **given)).encode(), NOW)


def make_user(user_id: str = "ada", minute: float = 0, **payload: Any) -> Event:
    head = {name: payload.pop(name) for name in ("eventId", "timestamp") if name in payload}
    given = {"role": "student", "email": f"{user_id}@school.example", **payload}
    return make_event("user.upserted", given, minute, userId=user_id, **head)


def make_lesson(lesson_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "lessonId": lesson_id,
        "title": lesson_id.title(),
        "position": 1,
        "contentType": "text",
        "required": True,
    } | changes


def make_assessment(assessment_id: str, **changes: Any) -> dict[str, Any]:
    given = {"assessmentId": assessment_id, "title": assessment_id.title(), "type": "quiz", "maxScore": 10}
    return given | {"required": True} | changes


def make_course(
    course_id: str = "algebra", minute: float = 0, *, lessons: Any = ("sets",), assessments: Any = (), **changes: Any
) -> Event:
    """Its lessons all in one module; each a name, or a whole one."""
    listed = [make_lesson(one) if isinstance(one, str) else one for one in lessons]
    payload = {
        "courseId": course_id,
        "title": course_id.title(),
        "status": "published",
        "instructors": [],
        "modules": [{"moduleId": "one", "title": "One", "position": 1, "lessons": listed}],
        "assessments": [make_assessment(one) if isinstance(one, str) else one for one in assessments],
    }
    head = {name: changes.pop(name) for name in ("eventId", "timestamp") if name in changes}
    return make_event("course.upserted", payload | changes, minute, userId=None, **head)


class School:
    """Makes events at random about a few people and things, so that they meet; some under the same time, some under
    the same id, some of things that no other event tells of."""

    USERS = ("ada", "bob", "cy")
    COURSES = ("algebra", "botany")
    LESSONS = ("sets", "rings", "ferns")
    ASSESSMENTS = ("test", "exam")

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._ids = [str(UUID(int=rng.getrandbits(128), version=4)) for _ in range(6)]

    def events(self, count: int) -> list[Event]:
        return [self.event() for _ in range(count)]

    def event(self) -> Event:
        rng = self._rng
        makers = {
            self._user: 3, self._course: 4, self._published: 1, self._enrolled: 3, self._withdrawn: 1,
            self._enrollment: 4, self._progressed: 2, self._completed: 3, self._reset: 1, self._submitted: 3,
            self._graded: 4,
        }  # fmt: skip
        (maker,) = rng.choices(list(makers), list(makers.values()))
        event_type, payload = maker()
        event_id = rng.choice(self._ids) if rng.random() < 0.2 else str(UUID(int=rng.getrandbits(128), version=4))
        return make_event(event_type, payload, rng.randrange(12), eventId=event_id, userId=rng.choice(self.USERS))

    def _user(self) -> tuple[str, dict[str, Any]]:
        rng = self._rng
        name = rng.choice(("A", "B", "Ä"))
        return "user.upserted", {
            "role": rng.choice(("student", "instructor")), "fullName": name, "email": f"{name}@School.example",
            "attributes": {"class": rng.randrange(3)}, "isActive": rng.random() < 0.8,
        }  # fmt: skip

    def _course(self) -> tuple[str, dict[str, Any]]:
        rng = self._rng
        lessons = [
            make_lesson(name, required=rng.random() < 0.7, position=rng.randrange(3))
            for name in self.LESSONS if rng.random() < 0.6
        ]  # fmt: skip
        split = rng.randrange(len(lessons) + 1)
        modules: list[dict[str, Any]] = [
            {"moduleId": f"m{number}", "title": "M", "position": rng.randrange(2), "lessons": part}
            for number, part in enumerate((lessons[:split], lessons[split:])) if rng.random() < 0.9
        ]  # fmt: skip
        there = [lesson["lessonId"] for lesson in lessons if any(lesson in module["lessons"] for module in modules)]
        assessments = [
            make_assessment(name, maxScore=rng.choice((5, 10, 20)), lessonId=rng.choice([None, *there]))
            for name in self.ASSESSMENTS if rng.random() < 0.7
        ]  # fmt: skip
        payload = {
            "courseId": rng.choice(self.COURSES), "title": rng.choice("TU"),
            "status": rng.choice(("draft", "published", "archived")),
            "instructors": [name for name in self.USERS if rng.random() < 0.4], "modules": modules,
            "assessments": assessments,
        }  # fmt: skip
        return "course.upserted", payload | ({"publishedAt": self._moment()} if rng.random() < 0.3 else {})

    def _published(self) -> tuple[str, dict[str, Any]]:
        return "course.published", {"courseId": self._rng.choice(self.COURSES)}

    def _enrolled(self) -> tuple[str, dict[str, Any]]:
        payload = {"courseId": self._rng.choice(self.COURSES)}
        return "student.enrolled", payload | ({"dueAt": self._moment()} if self._rng.random() < 0.5 else {})

    def _withdrawn(self) -> tuple[str, dict[str, Any]]:
        return "student.withdrawn", {"courseId": self._rng.choice(self.COURSES)}

    def _enrollment(self) -> tuple[str, dict[str, Any]]:
        rng = self._rng
        choices: dict[str, Callable[[], Any]] = {
            "status": lambda: rng.choice(("active", "completed", "withdrawn")), "enrolledAt": self._moment,
            "completedAt": lambda: rng.choice((None, self._moment())), "cohort": lambda: rng.choice((None, "x", "y")),
            "dueAt": lambda: rng.choice((None, self._moment())),
        }  # fmt: skip
        said = rng.sample(list(choices), rng.randrange(1, 6))
        return "enrollment.updated", {"courseId": rng.choice(self.COURSES), **{name: choices[name]() for name in said}}

    def _progressed(self) -> tuple[str, dict[str, Any]]:
        payload = {"lessonId": self._lesson(), "progressPct": self._rng.choice((None, 10, 50.5))}
        return "lesson.progressed", payload | ({"startedAt": self._moment()} if self._rng.random() < 0.3 else {})

    def _completed(self) -> tuple[str, dict[str, Any]]:
        return "lesson.completed", {"lessonId": self._lesson()}

    def _reset(self) -> tuple[str, dict[str, Any]]:
        return "lesson.reset", {"lessonId": self._lesson()}

    def _submitted(self) -> tuple[str, dict[str, Any]]:
        payload = {"assessmentId": self._assessment(), "attemptNumber": self._rng.choice((1, 2))}
        return "assessment.submitted", payload

    def _graded(self) -> tuple[str, dict[str, Any]]:
        payload = {
            "assessmentId": self._assessment(), "attemptNumber": self._rng.choice((1, 2)),
            "score": self._rng.choice((0, 4.5, 10, 15, 25)),
        }  # fmt: skip
        return "assessment.graded", payload | ({"submittedAt": self._moment()} if self._rng.random() < 0.2 else {})

    def _lesson(self) -> str:
        return self._rng.choice(self.LESSONS)

    def _assessment(self) -> str:
        return self._rng.choice(self.ASSESSMENTS)

    def _moment(self) -> str:
        return (START + timedelta(minutes=self._rng.randrange(12))).isoformat()
