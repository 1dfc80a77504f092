"""Small histories made by hand, in the shape in which the raw tables hold them."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import polars as pl

from tests.reference.marts import marts
from tests.reference.read import Row

LMS = "https://lms.example"
ADL = "http://adlnet.gov/expapi/verbs"
# A Monday.
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONG_AGO = START - timedelta(days=60)
AS_OF = START + timedelta(days=70)
KEY = b"0" * 32

VERBS = {
    "waived": "https://w3id.org/xapi/adl/verbs/waived",
    **{name: f"https://w3id.org/xapi/video/verbs/{name}" for name in ("played", "paused", "seeked")},
}


def mail(name: str) -> dict[str, Any]:
    return {"mbox": f"mailto:{name}@school.example"}


def account(name: str, home_page: str = LMS) -> dict[str, Any]:
    return {"account": {"homePage": home_page, "name": name}}


def group(*members: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "Group", "member": list(members)}


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def days(count: float) -> datetime:
    return START + timedelta(days=count)


class Story:
    """One tenant with a published course `math`; everything else is told."""

    def __init__(self, zone: str = "UTC") -> None:
        self.tables: dict[str, list[Row]] = defaultdict(list)
        self.add("tenants", slug="school", name="School", time_zone=zone)
        self.add("home_pages", home_page=LMS)
        self.course("math")

    def add(self, table: str, **row: Any) -> None:
        self.tables[table].append({"tenant_id": 1, **row})

    def user(self, name: str, role: str = "student", email: str | None = "", **attributes: str) -> None:
        self.add(
            "users", user_id=name, email=f"{name}@school.example" if email == "" else email, full_name=name.title(),
            role=role, external_id=f"x-{name}", attributes=json.dumps(attributes), is_active=True,
        )  # fmt: skip

    def course(self, name: str, status: str = "published", **more: Any) -> None:
        row = {"starts_at": None, "ends_at": None, "length_days": None, "published_at": LONG_AGO, **more}
        self.add(
            "courses", course_id=name, title=name, slug=name, status=status, activity_iri=f"{LMS}/{name}",
            external_id=None, **row,
        )  # fmt: skip
        self.add("course_history", course_id=name, happened_at=LONG_AGO, event_key=KEY, status=status)
        self.add("modules", course_id=name, module_id="m", title="M", position=1)

    def lesson(self, name: str, course: str = "math", iri: str | None = "", *, required: bool = True) -> None:
        self.add(
            "lessons", lesson_id=name, course_id=course, module_id="m", title=name,
            position=len(self.tables["lessons"]) + 1, content_type="text", duration_min=None, required=required,
            activity_iri=f"{LMS}/{name}" if iri == "" else iri, external_id=None,
        )  # fmt: skip
        self.require(name, course, LONG_AGO, required=required)

    def require(self, lesson: str, course: str, at: datetime, *, required: bool) -> None:
        self.add(
            "lesson_history", lesson_id=lesson, course_id=course, happened_at=at, event_key=KEY, required=required,
            is_listed=True,
        )  # fmt: skip

    def list_lessons(self, course: str, at: datetime) -> None:
        """As a whole: what is not required in the same moment is gone."""
        self.add("listings", course_id=course, kind="lesson", happened_at=at, event_key=KEY)

    def assessment(self, name: str, course: str = "math", iri: str | None = "", **more: Any) -> None:
        row = {"max_score": 10.0, "passing_score": 6.0, "max_attempts": None, "required": True, **more}
        self.add(
            "assessments", assessment_id=name, course_id=course, lesson_id=None, title=name, type="quiz",
            activity_iri=f"{LMS}/{name}" if iri == "" else iri, external_id=None, **row,
        )  # fmt: skip
        self.add(
            "assessment_history", assessment_id=name, course_id=course, happened_at=LONG_AGO, event_key=KEY,
            required=row["required"], is_listed=True,
        )  # fmt: skip

    def enrol(self, user: str, course: str = "math", at: datetime = START, **more: Any) -> None:
        row = {"status": "active", "completed_at": None, "due_at": None, "cohort": None, **more}
        self.add("enrollments", course_id=course, user_id=user, enrolled_at=at, **row)
        self.tell(user, course, at, enrolled_at=at, status="active")

    def tell(self, user: str, course: str, at: datetime, *, takes_back: bool = False, **said: Any) -> None:
        row = {"status": None, "enrolled_at": None, "completed_at": None, "says_completion": takes_back, **said}
        self.add("enrollment_history", course_id=course, user_id=user, happened_at=at, event_key=KEY, **row)

    def progress(self, user: str, lesson: str, status: str, completed_at: datetime | None = None) -> None:
        self.add(
            "lesson_progress", lesson_id=lesson, user_id=user, status=status, progress_pct=None, started_at=None,
            completed_at=completed_at,
        )  # fmt: skip

    def submit(
        self, user: str, assessment: str, number: int, at: datetime, score: float | None = None, **more: Any
    ) -> None:
        graded_at = None if score is None else at
        row = {"graded_at": graded_at, "status": "submitted" if graded_at is None else "graded", **more}
        self.add(
            "submissions", assessment_id=assessment, user_id=user, attempt_number=number, score=score,
            submitted_at=at, **row,
        )  # fmt: skip

    def say(
        self, actor: dict[str, Any], verb: str, about: str | dict[str, Any], at: datetime, **more: Any
    ) -> str:  # fmt: skip
        """Returns its id, which grows with each."""
        number = str(UUID(int=len(self.tables["statements"]) + 1))
        stored = more.pop("stored", at)
        body = {
            "id": number, "actor": actor, "verb": {"id": VERBS.get(verb, f"{ADL}/{verb}")},
            "object": {"id": f"{LMS}/{about}"} if isinstance(about, str) else about, **more,
        }  # fmt: skip
        self.add(
            "statements", id=number, stored=stored, timestamp=at, credential="key", body=json.dumps(body)
        )  # fmt: skip
        return number

    def void(self, target: str, at: datetime) -> None:
        statement = self.say(mail("admin"), "voided", {"objectType": "StatementRef", "id": target}, at)
        self.add("references", target=target, statement=statement, is_voiding=True)

    def marts(self, as_of: datetime = AS_OF) -> dict[str, pl.DataFrame]:
        frame = partial(pl.DataFrame, infer_schema_length=None)
        return marts({name: frame(rows) for name, rows in self.tables.items()}, as_of)

    def rows(self, mart: str, as_of: datetime = AS_OF, **wanted: Any) -> list[Row]:
        found = self.marts(as_of)[mart].to_dicts()
        return [row for row in found if all(row[name] == value for name, value in wanted.items())]

    def row(self, mart: str, as_of: datetime = AS_OF, **wanted: Any) -> Row:
        (found,) = self.rows(mart, as_of, **wanted)
        return found
