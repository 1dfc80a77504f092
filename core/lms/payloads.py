"""What each event says: its payload. The wire's names are these in camelCase."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from core.lms.kinds import (
    Days,
    Email,
    Id,
    Iri,
    Minutes,
    Moment,
    Name,
    Object,
    Ordinal,
    Percent,
    Points,
    PointsAboveZero,
    Position,
    Text,
)

Role = Literal["student", "instructor", "admin"]
CourseStatus = Literal["draft", "published", "archived"]
ContentType = Literal["video", "text", "quiz", "assignment", "interactive"]
AssessmentType = Literal["quiz", "exam", "assignment", "peer_review"]
EnrollmentStatus = Literal["active", "completed", "withdrawn"]


class Payload(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class UserUpserted(Payload, frozen=True, kw_only=True):
    role: Role
    email: Email | None = None
    full_name: Text | None = None
    external_id: Id | None = None
    attributes: Object | None = None
    is_active: bool = True


class Lesson(Payload, frozen=True, kw_only=True):
    lesson_id: Id
    title: Text
    position: Position
    content_type: ContentType
    required: bool
    duration_min: Minutes | None = None
    activity_iri: Iri | None = None
    external_id: Id | None = None


class Module(Payload, frozen=True, kw_only=True):
    module_id: Id
    title: Text
    position: Position
    lessons: list[Lesson]


class Assessment(Payload, frozen=True, kw_only=True):
    assessment_id: Id
    title: Text
    type: AssessmentType
    max_score: PointsAboveZero
    required: bool
    lesson_id: Id | None = None
    passing_score: Points | None = None
    max_attempts: Ordinal | None = None
    activity_iri: Iri | None = None
    external_id: Id | None = None


class CourseUpserted(Payload, frozen=True, kw_only=True):
    course_id: Id
    title: Text
    status: CourseStatus
    instructors: list[Id]
    modules: list[Module]
    assessments: list[Assessment]
    slug: Name | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    length_days: Days | None = None
    settings: Object | None = None
    published_at: Moment | None = None
    activity_iri: Iri | None = None
    external_id: Id | None = None


class CoursePublished(Payload, frozen=True, kw_only=True):
    course_id: Id


class StudentEnrolled(Payload, frozen=True, kw_only=True):
    course_id: Id
    due_at: Moment | UnsetType | None = UNSET
    cohort: Name | UnsetType | None = UNSET


class StudentWithdrawn(Payload, frozen=True, kw_only=True):
    course_id: Id


class EnrollmentUpdated(Payload, frozen=True, kw_only=True):
    """What is left out stays as it is; null takes a value away."""

    course_id: Id
    status: EnrollmentStatus | UnsetType = UNSET
    enrolled_at: Moment | UnsetType = UNSET
    completed_at: Moment | UnsetType | None = UNSET
    due_at: Moment | UnsetType | None = UNSET
    cohort: Name | UnsetType | None = UNSET


class LessonProgressed(Payload, frozen=True, kw_only=True):
    lesson_id: Id
    progress_pct: Percent | None = None
    started_at: Moment | None = None


class LessonCompleted(Payload, frozen=True, kw_only=True):
    lesson_id: Id


class LessonReset(Payload, frozen=True, kw_only=True):
    lesson_id: Id


class AssessmentSubmitted(Payload, frozen=True, kw_only=True):
    assessment_id: Id
    attempt_number: Ordinal
    external_id: Id | None = None


class AssessmentGraded(Payload, frozen=True, kw_only=True):
    """With `submitted_at` it needs no submission before it, as for an exam on paper."""

    assessment_id: Id
    attempt_number: Ordinal
    score: Points
    submitted_at: Moment | UnsetType = UNSET
