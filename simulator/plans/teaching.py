"""What teachers do: they look through their courses before learners come, and one of them is a learner besides."""

from simulator.moments import DAY, HOUR
from simulator.plans.facts import Enrolment
from simulator.plans.scripts.table import learn
from simulator.plans.study import Study

BEFORE = 10
# Teaches this course, and has enrolled in it, which makes them no learner.
BOTH = ("i1", "linear")


def prepare(study: Study) -> list[Enrolment]:
    user_id = study.learner.user.user_id
    own = [course for course in study.tenant.courses.values() if user_id in course.instructors]
    study.timeline.now = 0
    for number, course in enumerate(own):
        study.timeline.begin(study.tenant.days.at(number - BEFORE, 9) + study.draw(0, 60) * 60_000)
        for lesson in course.lessons[:2]:
            learn(study, lesson, finish=True)
        study.timeline.end()
    return _enrol(study) if user_id == BOTH[0] else []


def _enrol(study: Study) -> list[Enrolment]:
    course = study.tenant.courses[BOTH[1]]
    enrolment = Enrolment(course, BOTH[0], study.tenant.start + DAY, None, study.tenant.start + 30 * DAY)
    study.of(course).enrolment = enrolment
    study.timeline.begin(study.tenant.days.at(9, 9) + HOUR)
    learn(study, course.lessons[2], finish=True)
    study.timeline.end()
    return [enrolment]
