"""A learner's way through their courses, session by session."""

from collections.abc import Callable

import msgspec

from simulator.moments import DAY, HOUR, MINUTE
from simulator.plans.detours import detour
from simulator.plans.facts import Enrolment
from simulator.plans.learners import Temper
from simulator.plans.rhythm import LAST_BEGIN, begins
from simulator.plans.scripts.table import TAKE, learn
from simulator.plans.study import Study
from simulator.plans.timeline import LONGEST_PAUSE
from simulator.world.things import Assessment, Lesson

# A long lecture played to its end must not reach into the next session.
APART = LONGEST_PAUSE + 90 * MINUTE
# How fast learners want to be done; who is faster looks again at what they know.
HASTE: dict[Temper, float] = {"steady": 1.15, "crammer": 1.4, "dropout": 1.0, "never": 1.0, "returner": 1.2}
# A session is over after so long.
LONGEST_SESSION = 5 * HOUR


class Chore(msgspec.Struct):
    """Something at a time of its own, outside of the learner's sessions."""

    at: int
    do: Callable[[int], None]
    # It cannot happen later, either.
    is_fixed: bool = False


class Way:
    """What of one course a learner still has before them."""

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment
        course = enrolment.course
        self.lessons = [lesson for lesson in course.lessons if lesson.is_required(0)]
        self.optional = [lesson for lesson in course.lessons if not lesson.is_required(0)]
        self.assessments = list(course.assessments)
        self.size = len(self.lessons) + len(self.assessments) or 1
        self.opened: list[Lesson] = []

    def is_open(self, at: int) -> bool:
        enrolment = self.enrolment
        began = enrolment.first_enrolled_at or enrolment.enrolled_at
        until = enrolment.withdrawn_at or enrolment.course.ends_at
        is_away = enrolment.first_enrolled_at is not None and began + 5 * DAY < at < enrolment.enrolled_at
        return not is_away and began < at and (until is None or at < until - LONGEST_SESSION)

    @property
    def is_done(self) -> bool:
        return not (self.lessons or self.assessments or self.optional)

    def is_ahead(self, at: int, haste: float) -> bool:
        """Further than their own plan wants: `haste` 1 is done when the enrolment ends, 2 in half of the time."""
        end = self.enrolment.end
        if end is None:
            return False
        elapsed = (at - self.enrolment.enrolled_at) / (end - self.enrolment.enrolled_at)
        return 1 - (len(self.lessons) + len(self.assessments)) / self.size > elapsed * haste


def go_through(study: Study, ways: list[Way], chores: list[Chore], weeks: int) -> None:
    """Study sessions keep away from chores."""
    settled = settle(chores, study.tenant.as_of - LAST_BEGIN)
    sittings = begins(study.tenant, study.rng, study.learner.temper, weeks)
    planned: list[tuple[int, Chore | None]] = [(chore.at, chore) for chore in settled]
    planned += [(at, None) for at in sittings]
    planned.sort(key=lambda item: item[0])
    times = [chore.at for chore in settled]
    for at, chore in planned:
        if chore is not None:
            chore.do(at)
        elif _is_free(study, at, times):
            _sit_down(study, ways, at)


def settle(chores: list[Chore], until: int) -> list[Chore]:
    """What is not fixed is put off until it lies far from everything else."""
    taken = [chore.at for chore in chores if chore.is_fixed]
    for chore in sorted(chores, key=lambda one: one.at):
        while not chore.is_fixed and any(abs(chore.at - other) < LONGEST_SESSION for other in taken):
            chore.at += LONGEST_SESSION
        if not chore.is_fixed:
            taken.append(chore.at)
    return sorted((chore for chore in chores if chore.at < until), key=lambda one: one.at)


def _is_free(study: Study, at: int, fixed: list[int]) -> bool:
    if study.timeline.now + APART > at:
        return False
    return not any(at - APART < other < at + LONGEST_SESSION for other in fixed)


def _sit_down(study: Study, ways: list[Way], at: int) -> None:
    ready = [way for way in ways if way.is_open(at) and not way.is_done]
    if not ready:
        return
    way = ready[int(study.rng.random() * len(ready))]
    study.timeline.begin(at)
    stop = at + study.draw(5, 60) * MINUTE
    while study.timeline.now < stop and not way.is_done:
        detour(study)
        _go_on(study, way)
    study.timeline.end()


def _go_on(study: Study, way: Way) -> None:
    if way.opened and way.is_ahead(study.timeline.now, HASTE[study.learner.temper]):
        learn(study, way.opened[study.draw(0, len(way.opened) - 1)], finish=False)
    elif way.optional and study.chance(0.15):
        _open(study, way, way.optional)
    elif way.lessons:
        _open(study, way, way.lessons)
    elif way.assessments:
        _take(study, way.assessments)
    else:
        _open(study, way, way.optional)


def _open(study: Study, way: Way, lessons: list[Lesson]) -> None:
    """On to the next one when this one is done, or seems too hard."""
    lesson = lessons[0]
    learn(study, lesson, finish=study.chance(0.75))
    if lesson not in way.opened:
        way.opened.append(lesson)
    if lesson.lesson_id in study.of(way.enrolment.course).lessons or study.chance(0.1):
        lessons.pop(0)


def _take(study: Study, assessments: list[Assessment]) -> None:
    assessment = assessments[0]
    passed = TAKE[assessment.emitter](study, assessment)
    most = assessment.max_attempts or 4
    if passed or study.visits[assessment.iri] >= most or study.chance(0.25):
        assessments.pop(0)
