"""What an event says, taken apart into what each table is told, and what must be known before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, NamedTuple

from msgspec import UNSET

from core.lms import payloads as said
from core.lms.events import Event
from core.lms.tables import (
    ASSESSMENT_HISTORY,
    ASSESSMENTS,
    COURSE_HISTORY,
    COURSES,
    ENROLLMENT_HISTORY,
    ENROLLMENTS,
    INSTRUCTORS,
    LESSON_HISTORY,
    LESSONS,
    LISTINGS,
    MODULES,
    PROGRESS_HISTORY,
    SUBMISSION_HISTORY,
    SUBMISSIONS,
    USERS,
    History,
    Table,
)


class Ref(NamedTuple):
    """Something that an event names: it is known once it has a row."""

    kind: str
    ids: tuple[str, ...]


class Telling(NamedTuple):
    table: Table
    key: tuple[Any, ...]
    group: str
    values: tuple[Any, ...]


class Entry(NamedTuple):
    history: History
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Fact:
    """Applied as soon as all that it needs is known; then what it makes is known, too."""

    needs: tuple[Ref, ...] = ()
    makes: tuple[Ref, ...] = ()
    tells: tuple[Telling, ...] = ()
    adds: tuple[Entry, ...] = ()
    # The score, and of which assessment; no score is above the highest max_score that the assessment ever had.
    scores: tuple[str, float] | None = None


def facts_of(event: Event) -> Iterator[Fact]:
    user = event.user_id or ""
    match event.payload:
        case said.UserUpserted() as payload:
            yield _user(user, payload)
        case said.CourseUpserted() as payload:
            yield from _course(payload)
        case said.CoursePublished() as payload:
            yield _published(payload.course_id, event)
        case said.StudentEnrolled() | said.StudentWithdrawn() | said.EnrollmentUpdated() as payload:
            yield _enrollment(user, payload, event)
        case said.LessonProgressed() | said.LessonCompleted() | said.LessonReset() as payload:
            yield _progress(user, payload, event)
        case said.AssessmentSubmitted() | said.AssessmentGraded() as payload:
            yield _attempt(user, payload, event)
        case unknown:
            raise TypeError(f"no facts are known of {type(unknown)}")


def mbox_sha1sums(email: str | None) -> list[str] | None:
    """Of the mailto IRI, as written and in lower case."""
    if email is None:
        return None
    return [sha1(f"mailto:{form}".encode()).hexdigest() for form in sorted({email, email.lower()})]  # noqa: S324


def _user(user_id: str, user: said.UserUpserted) -> Fact:
    values = (
        user.email, user.full_name, user.role, user.external_id, _json(user.attributes), user.is_active,
        mbox_sha1sums(user.email),
    )  # fmt: skip
    return Fact(makes=(Ref("user", (user_id,)),), tells=(Telling(USERS, (user_id,), "profile", values),))


def _course(course: said.CourseUpserted) -> Iterator[Fact]:
    tells, adds = [*_course_row(course)], [Entry(COURSE_HISTORY, (course.course_id, course.status))]
    adds += [Entry(LISTINGS, (course.course_id, kind)) for kind in ("instructor", "module", "lesson", "assessment")]
    makes = [Ref("course", (course.course_id,))]
    for module in course.modules:
        tells.append(
            Telling(MODULES, (course.course_id, module.module_id), "details", (module.title, module.position, True))
        )
        for lesson in module.lessons:
            tells.append(_lesson_row(course.course_id, module.module_id, lesson))
            adds.append(Entry(LESSON_HISTORY, (lesson.lesson_id, course.course_id, lesson.required, True)))
            makes.append(Ref("lesson", (lesson.lesson_id,)))
    for one in course.assessments:
        tells.append(_assessment_row(course.course_id, one))
        history = (one.assessment_id, course.course_id, one.required, one.max_score, one.passing_score, True)
        adds.append(Entry(ASSESSMENT_HISTORY, history))
        makes.append(Ref("assessment", (one.assessment_id,)))
    yield Fact(makes=tuple(makes), tells=tuple(tells), adds=tuple(adds))
    for user_id in course.instructors:
        yield Fact(
            needs=(Ref("user", (user_id,)),),
            tells=(Telling(INSTRUCTORS, (course.course_id, user_id), "presence", (True,)),),
        )


def _course_row(course: said.CourseUpserted) -> Iterator[Telling]:
    details = (
        course.title, course.slug, course.starts_at, course.ends_at, course.length_days, _json(course.settings),
        course.activity_iri, course.external_id,
    )  # fmt: skip
    key = (course.course_id,)
    yield Telling(COURSES, key, "details", details)
    yield Telling(COURSES, key, "status", (course.status,))
    if course.published_at is not None:
        yield Telling(COURSES, key, "published", (course.published_at,))


def _lesson_row(course_id: str, module_id: str, lesson: said.Lesson) -> Telling:
    details = (
        course_id, module_id, lesson.title, lesson.position, lesson.content_type, lesson.duration_min, lesson.required,
        lesson.activity_iri, lesson.external_id, True,
    )  # fmt: skip
    return Telling(LESSONS, (lesson.lesson_id,), "details", details)


def _assessment_row(course_id: str, assessment: said.Assessment) -> Telling:
    details = (
        course_id, assessment.lesson_id, assessment.title, assessment.type, assessment.max_score,
        assessment.passing_score, assessment.max_attempts, assessment.required, assessment.activity_iri,
        assessment.external_id, True,
    )  # fmt: skip
    return Telling(ASSESSMENTS, (assessment.assessment_id,), "details", details)


def _published(course_id: str, event: Event) -> Fact:
    return Fact(
        needs=(Ref("course", (course_id,)),),
        tells=(
            Telling(COURSES, (course_id,), "status", ("published",)),
            Telling(COURSES, (course_id,), "published", (event.timestamp,)),
        ),
        adds=(Entry(COURSE_HISTORY, (course_id, "published")),),
    )


def _enrollment(
    user_id: str, payload: said.StudentEnrolled | said.StudentWithdrawn | said.EnrollmentUpdated, event: Event
) -> Fact:
    told = _told_of_enrollment(payload, event)
    key = (payload.course_id, user_id)
    columns = {"enrolled": "enrolled_at", "status": "status", "completion": "completed_at", "due": "due_at"}
    values = {column: told.get(group) for group, column in columns.items()}
    history = (
        *key, values["status"], values["enrolled_at"], values["completed_at"], "completion" in told, values["due_at"],
        "due" in told,
    )  # fmt: skip
    # Only what says since when, and as what, can make a row.
    makes_row = {"enrolled", "status"} <= told.keys()
    enrollment, both = Ref("enrollment", key), (Ref("course", (payload.course_id,)), Ref("user", (user_id,)))
    return Fact(
        needs=both if makes_row else (enrollment,),
        makes=(enrollment,) if makes_row else (),
        tells=tuple(Telling(ENROLLMENTS, key, group, (value,)) for group, value in told.items()),
        adds=(Entry(ENROLLMENT_HISTORY, history),),
    )


def _told_of_enrollment(
    payload: said.StudentEnrolled | said.StudentWithdrawn | said.EnrollmentUpdated, event: Event
) -> dict[str, Any]:
    match payload:
        case said.StudentEnrolled():
            told = {"enrolled": event.timestamp, "status": "active", "due": payload.due_at, "cohort": payload.cohort}
        case said.StudentWithdrawn():
            told = {"status": "withdrawn"}
        case said.EnrollmentUpdated():
            told = {
                "enrolled": payload.enrolled_at, "status": payload.status, "completion": payload.completed_at,
                "due": payload.due_at, "cohort": payload.cohort,
            }  # fmt: skip
    return {group: value for group, value in told.items() if value is not UNSET}


def _progress(
    user_id: str, payload: said.LessonProgressed | said.LessonCompleted | said.LessonReset, event: Event
) -> Fact:
    return Fact(
        needs=(Ref("lesson", (payload.lesson_id,)), Ref("user", (user_id,))),
        adds=(Entry(PROGRESS_HISTORY, (payload.lesson_id, user_id, *_told_of_progress(payload, event))),),
    )


def _told_of_progress(
    payload: said.LessonProgressed | said.LessonCompleted | said.LessonReset, event: Event
) -> tuple[Any, ...]:
    match payload:
        case said.LessonProgressed():
            return "in_progress", payload.progress_pct, payload.started_at or event.timestamp, None, False
        case said.LessonCompleted():
            return "completed", 100, None, event.timestamp, False
        case said.LessonReset():
            return "not_started", None, None, None, True


def _attempt(user_id: str, payload: said.AssessmentSubmitted | said.AssessmentGraded, event: Event) -> Fact:
    key = (payload.assessment_id, user_id, payload.attempt_number)
    submission = Ref("submission", (payload.assessment_id, user_id, str(payload.attempt_number)))
    both = (Ref("assessment", (payload.assessment_id,)), Ref("user", (user_id,)))
    if isinstance(payload, said.AssessmentSubmitted):
        return Fact(
            needs=both,
            makes=(submission,),
            tells=(Telling(SUBMISSIONS, key, "submission", (event.timestamp, payload.external_id)),),
            adds=(Entry(SUBMISSION_HISTORY, (*key, event.timestamp, "submitted", None, None)),),
        )
    makes_row = payload.submitted_at is not UNSET
    submitted_at = payload.submitted_at if makes_row else None
    tells = [Telling(SUBMISSIONS, key, "grade", ("graded", payload.score, event.timestamp))]
    if makes_row:
        tells.append(Telling(SUBMISSIONS, key, "submission", (submitted_at, None)))
    return Fact(
        needs=both if makes_row else (submission,),
        makes=(submission,) if makes_row else (),
        tells=tuple(tells),
        adds=(Entry(SUBMISSION_HISTORY, (*key, submitted_at, "graded", payload.score, event.timestamp)),),
        scores=(payload.assessment_id, payload.score),
    )


def _json(value: dict[str, Any] | None) -> str:
    return json.dumps(value or {}, ensure_ascii=False)
