"""H5P: main content and its sub-contents, learners known by mail, the library as category."""

from functools import lru_cache

from simulator.dialects.interactions import interaction
from simulator.dialects.words import encode, flags_text, number, score_text, statement, timestamp, verb
from simulator.plans.steps import Outcome, Step, Thing
from simulator.world.things import Question

ADL = "http://adlnet.gov/expapi/verbs"
H5P = "http://h5p.org"

ATTEMPTED = verb(f"{ADL}/attempted", "attempted", "started")
INTERACTED = verb(f"{ADL}/interacted", "interacted", "interacted")
ANSWERED = verb(f"{ADL}/answered", "answered", "answered")
PROGRESSED = verb(f"{ADL}/progressed", "progressed", "progressed")
COMPLETED = verb(f"{ADL}/completed", "completed", "completed")

ENDING = "http://id.tincanapi.com/extension/ending-point"


def render(step: Step, actor: bytes) -> bytes:
    outcome = step.outcome if isinstance(step.outcome, Outcome) else None
    about = _about(step.thing, outcome.progress if outcome else None)
    return statement(step, actor, about, _result(outcome), _context(step), timestamp(step.at))


@lru_cache(4096)
def _about(thing: Thing, page: float | None) -> bytes:
    content = sum(thing.iri.partition("?")[0].encode()) % 1000
    extensions: dict[str, object] = {f"{H5P}/x-api/h5p-local-content-id": content}
    if isinstance(thing, Question):
        extensions[f"{H5P}/x-api/h5p-subContentId"] = thing.iri.partition("subContentId=")[2]
    if page is not None:
        extensions[ENDING] = int(page)
    definition = interaction(thing) if isinstance(thing, Question) else {"name": {"en-US": thing.title}}
    return encode({"id": thing.iri, "objectType": "Activity", "definition": {"extensions": extensions, **definition}})


def _result(outcome: Outcome | None) -> bytes:
    """What lies in the definition, such as the page, is no result."""
    if outcome is None or outcome.progress is not None:
        return b""
    seconds = "" if outcome.seconds is None else f'"duration":"PT{number(outcome.seconds)}.25S",'
    plain = Outcome(success=outcome.success, completion=outcome.completion, response=outcome.response)
    return f',"result":{{{(score_text(outcome) + flags_text(plain) + seconds)[:-1]}}}'.encode()


def _context(step: Step) -> bytes:
    if not isinstance(step.thing, Question):
        return _MAIN
    parts = step.visit.parts
    if step.thing not in parts:
        library = "H5P.Blanks-1.14" if step.thing.interaction == "fill-in" else "H5P.MultiChoice-1.16"
        activities = {
            "parent": [{"id": step.visit.opened.iri, "objectType": "Activity"}],
            "category": [{"id": f"{H5P}/libraries/{library}", "objectType": "Activity"}],
        }
        parts[step.thing] = b',"context":' + encode({"contextActivities": activities})
    return parts[step.thing]


_MAIN = b',"context":' + encode(
    {"contextActivities": {"category": [{"id": f"{H5P}/libraries/H5P.QuestionSet-1.20", "objectType": "Activity"}]}}
)
