"""Courses side by side, and a tenant as a whole."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.moments import iso
from simulator.truth.assessments import Assessments
from simulator.truth.completion import Completion, rates
from simulator.truth.engagement import Engagement
from simulator.truth.risk import Risk
from simulator.truth.tables import Row
from simulator.world.tenants import Tenant


def compare_courses(
    tenant: Tenant, completion: Completion, engagement: Engagement, assessments: Assessments, risk: Risk
) -> Iterator[Row]:
    active = _active_seconds(engagement)
    for course in tenant.courses.values():
        tally = completion.tallies[course.course_id]
        grades = [assessments.grades[one.assessment_id] for one in course.assessments]
        graded, with_share = sum(one.graded for one in grades), sum(one.with_share for one in grades)
        members = tally.enrolled + tally.withdrawn + tally.waived
        if members:
            yield {
                "course": course.course_id, "status": course.status, **rates(tally),
                "active_seconds": active[course.course_id],
                "active_seconds_per_learner": active[course.course_id] / members,
                "pass_rate": sum(one.passed for one in grades) / graded if graded else None,
                "mean_best_share": sum(one.total for one in grades) / with_share if with_share else None,
                "candidates": risk.candidates[course.course_id], "at_risk": risk.at_risk[course.course_id],
            }  # fmt: skip


def _active_seconds(engagement: Engagement) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for (course, _), columns in engagement.courses.items():
        found[course] += columns[""].active / 1000
    return found


def overview(tenant: Tenant, completion: Completion, engagement: Engagement) -> Row:
    tallies = completion.tallies.values()
    enrolled, completed = sum(one.enrolled for one in tallies), sum(one.completed for one in tallies)
    today = ([{}, *engagement.tenant_days()])[-1]
    return {
        "as_of": iso(tenant.as_of), "enrolled": enrolled, "completed": completed,
        "withdrawn": sum(one.withdrawn for one in tallies), "waived": sum(one.waived for one in tallies),
        "completion_rate": completed / enrolled if enrolled else None,
        "courses_published": sum(course.status == "published" for course in tenant.courses.values()),
        "dau": today.get("dau"), "wau": today.get("wau"), "mau": today.get("mau"),
        "stickiness": today.get("stickiness"), "sessions": engagement.sessions,
        "active_seconds": engagement.active_milliseconds / 1000,
    }  # fmt: skip
