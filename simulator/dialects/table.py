"""How a step becomes a statement, by the dialect of the visit in which it was done."""

from collections.abc import Callable

from simulator.dialects import adl, articulate, cmi5, h5p, moodle, openedx, video, web
from simulator.plans.steps import Step

RENDER: dict[str, Callable[[Step, bytes], bytes]] = {
    "adl": adl.render,
    "video": video.render,
    "cmi5": cmi5.render,
    "h5p": h5p.render,
    "articulate": articulate.render,
    "moodle": moodle.render,
    "openedx": openedx.render,
    "web": web.render,
}


def render(step: Step, actors: dict[str, bytes]) -> bytes:
    return RENDER[step.visit.dialect](step, actors[step.visit.form])
