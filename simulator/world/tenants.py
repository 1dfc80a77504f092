"""A tenant of the simulated LMS with everything in it but its learners."""

import msgspec

from simulator.moments import DAY, Days, utc_midnight
from simulator.parameters import Parameters, TenantName
from simulator.world.people import staff
from simulator.world.shapes import SHAPES, probes, seminar
from simulator.world.sites import Sites, patterns
from simulator.world.things import Assessment, Course, Lesson, Pattern, User

SEMINARS = (10, 9)


class Tenant(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    slug: str
    number: int
    zone: str
    sites: Sites
    days: Days
    start: int
    # The end of what is simulated, and the moment that every number of the truth is true at.
    as_of: int
    courses: dict[str, Course]
    lessons: dict[str, Lesson]
    assessments: dict[str, Assessment]
    staff: list[User]
    patterns: list[Pattern]

    @property
    def name(self) -> str:
        return f"{self.slug.title()} School"


def build_tenant(parameters: Parameters, name: TenantName, number: int) -> Tenant:
    days = Days(parameters.start, parameters.weeks, name.zone)
    start, sites = days.begin(0), Sites(name.slug)
    courses = [shape(sites, start) for shape in SHAPES]
    if parameters.imperfections.edges:
        courses += [*(seminar(sites, start, size) for size in SEMINARS), probes(sites, start)]
    return Tenant(
        slug=name.slug,
        number=number,
        zone=name.zone,
        sites=sites,
        days=days,
        start=start,
        as_of=utc_midnight(parameters.start) + parameters.weeks * 7 * DAY,
        courses={course.course_id: course for course in courses},
        lessons={lesson.lesson_id: lesson for course in courses for lesson in course.lessons},
        assessments={each.assessment_id: each for course in courses for each in course.assessments},
        staff=staff(sites),
        patterns=patterns(sites),
    )
