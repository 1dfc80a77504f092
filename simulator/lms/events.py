"""The LMS's domain events, as the topic `lyceum.lms-events.v1` has them. Another form would change this file only."""

from collections.abc import Iterator
from random import Random
from typing import Any

from simulator.chance import new_id
from simulator.delivery.parcels import Parcel
from simulator.dialects.words import encode
from simulator.lms.attempts import row_attempts
from simulator.moments import DAY, iso, optional_iso
from simulator.plans.facts import CourseFacts, Enrolment
from simulator.plans.plan import Plan
from simulator.world.tenants import Tenant
from simulator.world.things import Assessment, Course, Lesson, User

VERSION = 1
Said = tuple[int, str, str | None, dict[str, Any]]
# Users are known before anything else is said about them.
KNOWN_BEFORE = 60 * DAY


def course_events(tenant: Tenant, rng: Random) -> list[Parcel]:
    """What there is before the first learner: staff, courses, and how courses change."""
    known_at = min(course.created_at for course in tenant.courses.values()) - DAY
    said: list[Said] = [_user(user, known_at) for user in tenant.staff]
    for course in tenant.courses.values():
        said.append((course.created_at, "course.upserted", None, _course(course, course.created_at)))
        if course.published_at is not None and course.published_at > course.created_at:
            said.append((course.published_at, "course.published", None, {"courseId": course.course_id}))
        said += [(at, "course.upserted", None, _course(course, at)) for at in course.changes if at < tenant.as_of]
        if course.status == "archived":
            at = course.created_at + 100 * DAY
            said.append((at, "course.upserted", None, _course(course, at)))
    return _parcels(tenant, said, rng)


def plan_events(tenant: Tenant, plan: Plan, rng: Random) -> list[Parcel]:
    said: list[Said] = []
    for user in plan.users:
        began = min((one.first_enrolled_at or one.enrolled_at for one in plan.enrolments), default=tenant.start)
        said.append(_user(user, began - DAY))
    for enrolment in plan.enrolments:
        facts = plan.facts.courses[enrolment.course.course_id]
        said += [*_enrolment(enrolment), *_learning(facts, enrolment.user_id)]
    return _parcels(tenant, said, rng)


def _parcels(tenant: Tenant, said: list[Said], rng: Random) -> list[Parcel]:
    said.sort(key=lambda one: one[0])
    return [Parcel(tenant.slug, "event", one[0], _text(tenant, one, rng)) for one in said]


def _text(tenant: Tenant, said: Said, rng: Random) -> bytes:
    at, event_type, user_id, payload = said
    who = {} if user_id is None else {"userId": user_id}
    return encode({
        "eventId": new_id(rng), "eventType": event_type, "tenantId": tenant.slug, **who, "timestamp": iso(at),
        "version": VERSION, "payload": payload,
    })  # fmt: skip


def _user(user: User, at: int) -> Said:
    payload = {
        "role": user.role, "email": user.email, "fullName": user.full_name, "externalId": user.external_id,
        "attributes": user.attributes,
    }  # fmt: skip
    return at, "user.upserted", user.user_id, payload


def _course(course: Course, at: int) -> dict[str, Any]:
    """As it was at that moment."""
    published = course.published_at is not None and course.published_at <= at
    is_archived = course.status == "archived" and at >= course.created_at + 100 * DAY
    return _filled({
        "courseId": course.course_id, "title": course.title, "slug": course.slug,
        "status": "archived" if is_archived else "published" if published else "draft",
        "startsAt": iso(course.starts_at), "endsAt": optional_iso(course.ends_at), "lengthDays": course.length_days,
        "publishedAt": optional_iso(course.published_at if published else None), "activityIri": course.activity_iri,
        "externalId": course.external_id, "instructors": list(course.instructors),
        "modules": [
            {
                "moduleId": module.module_id, "title": module.title, "position": module.position,
                "lessons": [_lesson(each, at) for each in course.lessons if each.module_id == module.module_id],
            }
            for module in course.modules
        ],
        "assessments": [_assessment(each) for each in course.assessments],
    })  # fmt: skip


def _lesson(lesson: Lesson, at: int) -> dict[str, Any]:
    return _filled({
        "lessonId": lesson.lesson_id, "title": lesson.title, "position": lesson.position,
        "contentType": lesson.content_type, "required": lesson.is_required(at), "durationMin": lesson.minutes,
        "activityIri": lesson.activity_iri, "externalId": lesson.external_id,
    })  # fmt: skip


def _assessment(assessment: Assessment) -> dict[str, Any]:
    return _filled({
        "assessmentId": assessment.assessment_id, "title": assessment.title, "type": assessment.type,
        "maxScore": assessment.max_score, "required": assessment.required, "passingScore": assessment.passing_score,
        "maxAttempts": assessment.max_attempts, "activityIri": assessment.activity_iri,
        "externalId": assessment.external_id,
    })  # fmt: skip


def _enrolment(enrolment: Enrolment) -> Iterator[Said]:
    course_id, user_id = enrolment.course.course_id, enrolment.user_id
    payload = _filled({
        "courseId": course_id, "dueAt": optional_iso(enrolment.due_at), "cohort": enrolment.cohort
    })  # fmt: skip
    if enrolment.first_enrolled_at is not None:
        yield enrolment.first_enrolled_at, "student.enrolled", user_id, payload
    yield enrolment.enrolled_at, "student.enrolled", user_id, payload
    if enrolment.completed_at is not None:
        done = {"courseId": course_id, "status": "completed", "completedAt": iso(enrolment.completed_at)}
        yield enrolment.completed_at, "enrollment.updated", user_id, done
    if enrolment.withdrawn_at is not None:
        yield enrolment.withdrawn_at, "student.withdrawn", user_id, {"courseId": course_id}


def _learning(facts: CourseFacts, user_id: str) -> Iterator[Said]:
    for lesson_id, at in facts.progress_rows.items():
        yield at, "lesson.completed", user_id, {"lessonId": lesson_id}
    for attempt in row_attempts(facts):
        keys = {"assessmentId": attempt.assessment.assessment_id, "attemptNumber": attempt.number}
        yield attempt.submitted_at, "assessment.submitted", user_id, keys
        if attempt.row_graded_at is not None:
            yield attempt.row_graded_at, "assessment.graded", user_id, {**keys, "score": attempt.row_score}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
