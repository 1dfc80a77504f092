"""What no type can say of an event: values that contradict one another, and times that cannot be."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import UNSET, UnsetType

from core.lms.payloads import Assessment, AssessmentGraded, CourseUpserted, EnrollmentUpdated, LessonProgressed, Payload
from core.xapi.errors import StatementError as EventError
from core.xapi.errors import quoted
from core.xapi.times import format_timestamp

# How far another clock may be ahead of ours.
AHEAD = timedelta(minutes=5)
# Older than any event is what the tables held before they knew of events.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


def refuse_impossible(path: str, moment: datetime, received_at: datetime) -> None:
    if moment < EARLIEST:
        raise EventError(path, quoted(format_timestamp(moment)), "a time since 1900")
    refuse_ahead(path, moment, received_at)


def refuse_ahead(path: str, moment: datetime | UnsetType | None, received_at: datetime) -> None:
    if isinstance(moment, datetime) and moment > received_at + AHEAD:
        latest = format_timestamp(received_at)
        raise EventError(path, quoted(format_timestamp(moment)), f"a time at most 5 minutes after now ({latest})")


def refuse_contradictions(payload: Payload, received_at: datetime) -> None:
    match payload:
        case CourseUpserted():
            _check_course(payload)
        case EnrollmentUpdated():
            _check_enrollment(payload, received_at)
        case LessonProgressed():
            refuse_ahead("startedAt", payload.started_at, received_at)
        case AssessmentGraded():
            refuse_ahead("submittedAt", payload.submitted_at, received_at)
        case _:
            pass


def _check_enrollment(payload: EnrollmentUpdated, received_at: datetime) -> None:
    said = (payload.status, payload.enrolled_at, payload.completed_at, payload.due_at, payload.cohort)
    if all(value is UNSET for value in said):
        raise EventError("", "no change", "at least one of status, enrolledAt, completedAt, dueAt, cohort")
    refuse_ahead("enrolledAt", payload.enrolled_at, received_at)
    refuse_ahead("completedAt", payload.completed_at, received_at)


def _check_course(course: CourseUpserted) -> None:
    if course.starts_at and course.ends_at and course.ends_at < course.starts_at:
        allowed = f"a time not before startsAt ({format_timestamp(course.starts_at)})"
        raise EventError("endsAt", quoted(format_timestamp(course.ends_at)), allowed)
    _refuse_repeated({f"instructors[{index}]": name for index, name in enumerate(course.instructors)})
    _refuse_repeated({f"modules[{index}].moduleId": module.module_id for index, module in enumerate(course.modules)})
    lessons = {
        f"modules[{number}].lessons[{index}].lessonId": lesson.lesson_id
        for number, module in enumerate(course.modules)
        for index, lesson in enumerate(module.lessons)
    }
    _refuse_repeated(lessons)
    assessments = course.assessments
    _refuse_repeated({f"assessments[{index}].assessmentId": one.assessment_id for index, one in enumerate(assessments)})
    for index, assessment in enumerate(assessments):
        try:
            _check_assessment(assessment, frozenset(lessons.values()))
        except EventError as error:
            raise error.under(f"assessments[{index}]") from None


def _check_assessment(assessment: Assessment, lesson_ids: frozenset[str]) -> None:
    if assessment.lesson_id is not None and assessment.lesson_id not in lesson_ids:
        raise EventError("lessonId", quoted(assessment.lesson_id), "a lesson of this event's modules, or null")
    if assessment.passing_score is not None and assessment.passing_score > assessment.max_score:
        allowed = f"a number up to maxScore ({assessment.max_score})"
        raise EventError("passingScore", str(assessment.passing_score), allowed)


def _refuse_repeated(ids: Mapping[str, str]) -> None:
    seen: set[str] = set()
    for path, name in ids.items():
        if name in seen:
            raise EventError(path, quoted(name), "each id once")
        seen.add(name)
