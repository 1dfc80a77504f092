"""Which script plays a lesson or an assessment, by its emitter."""

from collections.abc import Callable
from typing import Protocol

from simulator.plans.scripts import adl, articulate, cmi5, h5p, moodle, openedx, video
from simulator.plans.study import Study
from simulator.world.things import Assessment, Lesson


class Read(Protocol):
    def __call__(self, study: Study, lesson: Lesson, *, finish: bool) -> None: ...


READ: dict[str, Read] = {
    "adl": adl.read,
    "video": video.view,
    "cmi5": cmi5.work,
    "h5p": h5p.play,
    "articulate": articulate.turn,
    "moodle": moodle.read,
    "openedx": openedx.learn,
}
TAKE: dict[str, Callable[[Study, Assessment], bool]] = {
    "adl": adl.take,
    "cmi5": cmi5.examine,
    "h5p": h5p.check,
    "articulate": articulate.quiz,
    "moodle": moodle.take,
    "openedx": openedx.work,
}


def learn(study: Study, lesson: Lesson, *, finish: bool) -> None:
    READ[lesson.emitter](study, lesson, finish=finish)
