"""Storyline and Rise: packages that call themselves courses, slides that they call modules."""

from simulator.dialects.interactions import interaction
from simulator.dialects.words import encode, result_text, statement, timestamp, verb
from simulator.plans.steps import Outcome, Step, Thing
from simulator.world.things import Assessment, Lesson, Page, Question

ADL = "http://adlnet.gov/expapi"

ATTEMPTED = verb(f"{ADL}/verbs/attempted", "attempted", "started")
EXPERIENCED = verb(f"{ADL}/verbs/experienced", "experienced", "viewed")
ANSWERED = verb(f"{ADL}/verbs/answered", "answered", "answered")
PROGRESSED = verb(f"{ADL}/verbs/progressed", "progressed", "progressed")
COMPLETED = verb(f"{ADL}/verbs/completed", "completed", "completed")
PASSED = verb(f"{ADL}/verbs/passed", "passed", "passed")
FAILED = verb(f"{ADL}/verbs/failed", "failed", "failed")


def objective(package: Assessment) -> Page:
    """The result slide, which sums up questions: no activity of the LMS."""
    if package not in _objectives:
        _objectives[package] = Page(f"{package.iri}/6objective", "Results")
    return _objectives[package]


_objectives: dict[Assessment, Page] = {}
_known: dict[Thing, bytes] = {}


def render(step: Step, actor: bytes) -> bytes:
    outcome = step.outcome if isinstance(step.outcome, Outcome) else None
    return statement(step, actor, _about(step.thing), _result(outcome), _context(step), timestamp(step.at))


def _about(thing: Thing) -> bytes:
    if thing not in _known:
        definition = interaction(thing, "und") if isinstance(thing, Question) else _definition(thing)
        _known[thing] = encode({"objectType": "Activity", "id": thing.iri, "definition": definition})
    return _known[thing]


def _definition(thing: Thing) -> dict[str, object]:
    kind = "course" if isinstance(thing, Lesson | Assessment) else "objective" if _is_result(thing) else "module"
    return {"name": {"und": thing.title}, "description": {"und": thing.title}, "type": f"{ADL}/activities/{kind}"}


def _is_result(thing: Thing) -> bool:
    return isinstance(thing, Page) and thing.iri.endswith("objective")


def _result(outcome: Outcome | None) -> bytes:
    if outcome is not None and outcome.progress is not None:
        share = round(outcome.progress * 100)
        text = f'"completion":false,"extensions":{{"http://w3id.org/xapi/cmi5/result/extensions/progress":{share}}}'
        return f',"result":{{{text}}}'.encode()
    return result_text(outcome)


def _context(step: Step) -> bytes:
    parts = step.visit.parts
    if step.thing not in parts:
        package = {"objectType": "Activity", "id": step.visit.opened.iri}
        parent = package
        if isinstance(step.thing, Question) and isinstance(step.visit.opened, Assessment):
            parent = {"objectType": "Activity", "id": objective(step.visit.opened).iri}
        activities = {"parent": [parent], "grouping": [package]}
        context = {"registration": step.visit.session_id, "contextActivities": activities, "language": "en"}
        parts[step.thing] = b',"context":' + encode(context)
    return parts[step.thing]
