"""What learners do on the side: pages outside of the LMS, other people's courses, things nobody has a word for."""

from simulator.dialects import web
from simulator.plans.scripts.video import view_extra
from simulator.plans.study import Study
from simulator.world.things import NOWHERE, Course, Page

WIKI = tuple(Page(f"https://wiki.example/articles/{number}", f"Article {number}") for number in range(1, 9))
OUTSIDE, VISITING, DOODLING, EXTRA = 0.04, 0.02, 0.03, 0.05
CLOSED = frozenset(("draft", "archived", "probes"))


def detour(study: Study) -> None:
    wrong = study.imperfections
    drawn = study.rng.random()
    if drawn < OUTSIDE and wrong.unmapped:
        _read_outside(study)
    elif OUTSIDE <= drawn < OUTSIDE + VISITING and wrong.visitors:
        _visit(study)
    elif 0.1 <= drawn < 0.1 + DOODLING and wrong.unknown_verbs:
        _doodle(study)
    elif 0.2 <= drawn < 0.2 + EXTRA:
        _watch_extra(study)


def _read_outside(study: Study) -> None:
    page = WIKI[study.draw(0, len(WIKI) - 1)]
    visit = study.visit(study.tenant.courses["linear"], "lms_external", "web")
    study.timeline.do(web.EXPERIENCED, page, NOWHERE, visit, study.draw(10, 280))


def _visit(study: Study) -> None:
    """A look into a course that the learner never enrolled in."""
    strange = [each for each in study.tenant.courses.values() if not is_joined(study, each) and _is_visited(each)]
    if strange:
        lesson = strange[study.draw(0, len(strange) - 1)].lessons[0]
        visit = study.visit(lesson, "lms_external", "web")
        study.timeline.do(web.EXPERIENCED, lesson, lesson.place, visit, study.draw(10, 280))


def _is_visited(course: Course) -> bool:
    return course.shape not in CLOSED and not course.shape.startswith("seminar")


def is_joined(study: Study, course: Course) -> bool:
    facts = study.facts.courses.get(course.course_id)
    return facts is not None and facts.enrolment is not None


def _doodle(study: Study) -> None:
    joined = [facts.course for facts in study.facts.courses.values() if is_joined(study, facts.course)]
    if joined and joined[0].shape not in CLOSED:
        lesson = joined[0].lessons[0]
        visit = study.visit(lesson, "lms_user", "web")
        study.timeline.do(web.DOODLED, lesson, lesson.place, visit, study.draw(5, 60))


def _watch_extra(study: Study) -> None:
    for facts in study.facts.courses.values():
        if facts.course.extras and is_joined(study, facts.course):
            visit = study.visit(facts.course)
            view_extra(study, facts.course.extras[0], facts.course.place, visit)
            return
