"""Who and what the facts speak of, as of now."""

from tests.reference.courses import Courses
from tests.reference.engagement import Rows
from tests.reference.school import School


def learner_rows(school: School) -> Rows:
    return [
        {
            "learner": name, "email": row["email"], "full_name": row["full_name"], "role": row["role"],
            "external_id": row["external_id"], "is_active": row["is_active"],
        }
        for name, row in school.users.items()
    ]  # fmt: skip


def course_rows(school: School) -> Rows:
    return [
        {
            "course": name, "title": row["title"], "slug": row["slug"], "status": row["status"],
            "starts_at": row["starts_at"], "ends_at": row["ends_at"], "length_days": row["length_days"],
        }
        for name, row in school.courses.items()
    ]  # fmt: skip


def lesson_rows(courses: Courses) -> Rows:
    """Whether it is required is a matter of the day."""
    return [
        {
            "course": row["course_id"], "lesson": name, "module": row["module_id"], "title": row["title"],
            "content_type": row["content_type"],
            "required": name in courses.content.required(row["course_id"], courses.as_of).lessons,
        }
        for name, row in courses.school.lessons.items()
    ]  # fmt: skip


def assessment_rows(courses: Courses) -> Rows:
    return [
        {
            "course": row["course_id"], "assessment": name, "title": row["title"], "type": row["type"],
            "max_score": row["max_score"], "passing_score": row["passing_score"],
            "required": name in courses.content.required(row["course_id"], courses.as_of).assessments,
        }
        for name, row in courses.school.assessments.items()
    ]  # fmt: skip
