"""A payload of each kind of event, with every property."""

from typing import Any

from tests.harness.events import make_assessment, make_lesson

MOMENT = "2026-03-01T08:00:00Z"
IRI = "https://lms.example/x"

EXAMPLES: dict[str, dict[str, Any]] = {
    "user.upserted": {
        "role": "student", "email": "ada@school.example", "fullName": "Ada", "externalId": "7", "isActive": True,
        "attributes": {"class": "7b", "n": [1, 2.5, None, True]},
    },
    "course.upserted": {
        "courseId": "algebra", "title": "Algebra", "status": "draft", "instructors": ["bob"], "slug": "algebra",
        "startsAt": MOMENT, "endsAt": MOMENT, "lengthDays": 7, "settings": {}, "publishedAt": MOMENT,
        "activityIri": IRI, "externalId": "x",
        "modules": [{
            "moduleId": "one", "title": "One", "position": 0,
            "lessons": [make_lesson("sets", durationMin=1.5, activityIri=IRI, externalId="x")],
        }],
        "assessments": [make_assessment(
            "test", lessonId="sets", passingScore=5, maxAttempts=2, activityIri=IRI, externalId="x"
        )],
    },
    "course.published": {"courseId": "algebra"},
    "student.enrolled": {"courseId": "algebra", "dueAt": MOMENT, "cohort": "x"},
    "student.withdrawn": {"courseId": "algebra"},
    "enrollment.updated": {
        "courseId": "algebra", "status": "active", "enrolledAt": MOMENT, "completedAt": MOMENT, "dueAt": MOMENT,
        "cohort": "x",
    },
    "lesson.progressed": {"lessonId": "sets", "progressPct": 50, "startedAt": MOMENT},
    "lesson.completed": {"lessonId": "sets"},
    "lesson.reset": {"lessonId": "sets"},
    "assessment.submitted": {"assessmentId": "test", "attemptNumber": 1, "externalId": "x"},
    "assessment.graded": {"assessmentId": "test", "attemptNumber": 1, "score": 7.5, "submittedAt": MOMENT},
}  # fmt: skip
