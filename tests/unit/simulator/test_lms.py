"""The LMS says the same by its events and by its rows."""

import csv
from pathlib import Path
from typing import Any

from simulator.moments import iso
from tests.unit.simulator.reading import parse
from tests.unit.simulator.term import TenantTerm, Term


def folders(tenant: TenantTerm) -> list[Path]:
    return sorted((tenant.folder / "rows" / tenant.slug).iterdir())


def rows(tenant: TenantTerm, table: str) -> list[dict[str, Any]]:
    """Of all folders, in their order."""
    found: list[dict[str, Any]] = []
    for folder in folders(tenant):
        if (path := folder / f"{table}.csv").exists():
            with path.open(encoding="utf-8", newline="") as file:
                found += csv.DictReader(file)
    return found


def test_rows__enrolments_as_events_leave_them(term: Term) -> None:
    for tenant in term.tenants:
        found = {
            (row["course_id"], row["user_id"]): (row["status"], parse(row["enrolled_at"]), row["cohort"] or None)
            for row in rows(tenant, "enrollments")
        }
        assert found == {
            key: (row["status"], row["enrolled_at"], row["cohort"]) for key, row in tenant.lms.enrolments.items()
        }


def test_rows__attempts_as_events_leave_them(term: Term) -> None:
    for tenant in term.tenants:
        found = {
            (row["assessment_id"], row["user_id"], int(row["attempt_number"])): {
                "submitted_at": parse(row["submitted_at"]),
                "graded_at": parse(row["graded_at"]) if row["graded_at"] else None,
                "score": float(row["score"]) if row["score"] else None,
            }
            for row in rows(tenant, "submissions")
        }
        assert found == tenant.lms.submissions
        assert found


def test_rows__lessons_and_users_as_events_leave_them(term: Term) -> None:
    for tenant in term.tenants:
        done = {
            (row["lesson_id"], row["user_id"]): parse(row["completed_at"]) for row in rows(tenant, "lesson_progress")
        }
        assert done == tenant.lms.lesson_rows
        users = {row["user_id"]: (row["email"], row["role"], row["external_id"]) for row in rows(tenant, "users")}
        assert users == {
            name: (user["email"], user["role"], user["externalId"]) for name, user in tenant.lms.users.items()
        }
        required = {row["lesson_id"]: row["required"] == "true" for row in rows(tenant, "lessons")}
        assert required == {
            lesson["lessonId"]: lesson["required"]
            for versions in tenant.lms.courses.values()
            for module in versions[-1][1]["modules"]
            for lesson in module["lessons"]
        }


def test_rows__folders_are_moments_of_change(term: Term) -> None:
    for tenant in term.tenants:
        start = parse(tenant.described["starts_at"])
        later = {at for versions in tenant.lms.courses.values() for at, _ in versions[1:]}
        changed = sorted(at for at in later if at > start)
        moments = [iso(round(at.timestamp() * 1000)) for at in [*changed, parse(tenant.described["as_of"])]]
        names = [folder.name.partition("-")[2] for folder in folders(tenant)]
        assert names[1:] == [moment.replace(":", "") for moment in moments]
