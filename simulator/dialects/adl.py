"""Plain content that speaks the ADL vocabulary."""

from typing import Any

from simulator.dialects.interactions import interaction
from simulator.dialects.words import encode, result_text, statement, timestamp, verb
from simulator.plans.steps import Outcome, Step, Thing
from simulator.world.things import Assessment, Course, Lesson, Page, Question, Video

ADL = "http://adlnet.gov/expapi"

ATTEMPTED = verb(f"{ADL}/verbs/attempted", "attempted", "started")
INITIALIZED = verb(f"{ADL}/verbs/initialized", "initialized", "started")
RESUMED = verb(f"{ADL}/verbs/resumed", "resumed", "started")
EXPERIENCED = verb(f"{ADL}/verbs/experienced", "experienced", "viewed")
INTERACTED = verb(f"{ADL}/verbs/interacted", "interacted", "interacted")
PROGRESSED = verb(f"{ADL}/verbs/progressed", "progressed", "progressed")
ANSWERED = verb(f"{ADL}/verbs/answered", "answered", "answered")
COMPLETED = verb(f"{ADL}/verbs/completed", "completed", "completed")
PASSED = verb(f"{ADL}/verbs/passed", "passed", "passed")
FAILED = verb(f"{ADL}/verbs/failed", "failed", "failed")
SCORED = verb(f"{ADL}/verbs/scored", "scored", "scored")
# By somebody else, who is named as instructor.
MARKED = verb(f"{ADL}/verbs/scored", "scored", "graded")
SUSPENDED = verb(f"{ADL}/verbs/suspended", "suspended", "ended")
TERMINATED = verb(f"{ADL}/verbs/terminated", "terminated", "ended")
VOIDED = verb(f"{ADL}/verbs/voided", "voided", "other")
WAIVED = verb("https://w3id.org/xapi/adl/verbs/waived", "waived", "waived")

TYPES: dict[type[Thing], str] = {
    Course: "course",
    Lesson: "lesson",
    Assessment: "assessment",
    Page: "module",
    Video: "media",
}


def render(step: Step, actor: bytes) -> bytes:
    outcome = step.outcome if isinstance(step.outcome, Outcome) else None
    return statement(step, actor, _about(step.thing), result_text(outcome), _context(step), timestamp(step.at))


_known: dict[Thing, bytes] = {}


def _about(thing: Thing) -> bytes:
    if thing not in _known:
        _known[thing] = encode(describe(thing))
    return _known[thing]


def describe(thing: Thing) -> dict[str, Any]:
    definition = interaction(thing) if isinstance(thing, Question) else _definition(thing)
    return {"objectType": "Activity", "id": thing.iri, "definition": definition}


def _definition(thing: Thing) -> dict[str, Any]:
    return {"name": {"en-US": thing.title}, "type": f"{ADL}/activities/{TYPES[type(thing)]}"}


def _context(step: Step) -> bytes:
    parts = step.visit.parts
    if step.thing not in parts:
        parts[step.thing] = b',"context":' + encode(_around(step))
    text = parts[step.thing]
    return text if step.judge is None else b'%s,"instructor":%s}' % (text[:-1], step.judge.encode())


def _around(step: Step) -> dict[str, Any]:
    visit = step.visit
    opened, course = visit.opened, {"objectType": "Activity", "id": visit.course.iri}
    inside = step.thing is not opened
    parent = {"objectType": "Activity", "id": opened.iri} if inside else course
    activities: dict[str, Any] = {} if step.thing is visit.course else {"parent": [parent]}
    if inside:
        activities["grouping"] = [course]
    return {"contextActivities": activities, "platform": "Example content", "language": "en-US"}
