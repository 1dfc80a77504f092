"""cmi5: what the LMS and an assignable unit say from launch to termination."""

from simulator.dialects.interactions import interaction
from simulator.dialects.words import encode, flags_text, score_text, statement, timestamp, verb
from simulator.plans.steps import Outcome, Step, Visit
from simulator.world.things import Assessment, Course, Question

CMI5 = "https://w3id.org/xapi/cmi5"
ADL = "http://adlnet.gov/expapi/verbs"

LAUNCHED = verb(f"{ADL}/launched", "launched", "started")
INITIALIZED = verb(f"{ADL}/initialized", "initialized", "started")
COMPLETED = verb(f"{ADL}/completed", "completed", "completed")
PASSED = verb(f"{ADL}/passed", "passed", "passed")
FAILED = verb(f"{ADL}/failed", "failed", "failed")
TERMINATED = verb(f"{ADL}/terminated", "terminated", "ended")
ABANDONED = verb("https://w3id.org/xapi/adl/verbs/abandoned", "abandoned", "ended")
WAIVED = verb("https://w3id.org/xapi/adl/verbs/waived", "waived", "waived")
SATISFIED = verb("https://w3id.org/xapi/adl/verbs/satisfied", "satisfied", "completed")
# Allowed between the defined ones.
ANSWERED = verb(f"{ADL}/answered", "answered", "answered")
PROGRESSED = verb(f"{ADL}/progressed", "progressed", "progressed")

ALLOWED = {ANSWERED, PROGRESSED}
CATEGORY = {"id": f"{CMI5}/context/categories/cmi5"}
MOVE_ON = {"id": f"{CMI5}/context/categories/moveon"}
MASTERY = f"{CMI5}/context/extensions/masteryscore"


def render(step: Step, actor: bytes) -> bytes:
    outcome = step.outcome if isinstance(step.outcome, Outcome) else None
    return statement(step, actor, _about(step), _result(step, outcome), _context(step, outcome), timestamp(step.at))


def _about(step: Step) -> bytes:
    parts = step.visit.parts
    if step.thing not in parts:
        parts[step.thing] = _known(step)
    return parts[step.thing]


_texts: dict[object, bytes] = {}


def _known(step: Step) -> bytes:
    thing = step.thing
    if thing not in _texts:
        definition: dict[str, object] = {"name": {"en-US": thing.title}}
        if isinstance(thing, Question):
            definition = interaction(thing)
        elif isinstance(thing, Course):
            definition["type"] = f"{CMI5}/activitytype/course"
        _texts[thing] = encode({"objectType": "Activity", "id": thing.iri, "definition": definition})
    return _texts[thing]


def _result(step: Step, outcome: Outcome | None) -> bytes:
    if outcome is None:
        return b""
    text = score_text(outcome) + flags_text(outcome)
    if outcome.progress is not None:
        text += f'"extensions":{{"{CMI5}/result/extensions/progress":{round(outcome.progress * 100)}}},'
    elif step.verb is WAIVED:
        text += f'"extensions":{{"{CMI5}/result/extensions/reason":"Tested Out"}},'
    return f',"result":{{{text[:-1]}}}'.encode()


def _context(step: Step, outcome: Outcome | None) -> bytes:
    judged = outcome is not None and (outcome.success is not None or outcome.completion is not None)
    key = (step.verb, isinstance(step.thing, Question), judged)
    parts = step.visit.parts
    if key not in parts:
        parts[key] = b',"context":' + encode(_around(step, judged=judged))
    return parts[key]


def _around(step: Step, *, judged: bool) -> dict[str, object]:
    visit = step.visit
    activities: dict[str, object] = {"grouping": [{"objectType": "Activity", "id": _publisher(visit)}]}
    if step.verb not in ALLOWED:
        activities["category"] = [CATEGORY, MOVE_ON] if judged else [CATEGORY]
    if isinstance(step.thing, Question):
        activities["parent"] = [{"objectType": "Activity", "id": visit.opened.iri}]
    elif step.thing is not visit.course:
        activities["parent"] = [{"objectType": "Activity", "id": visit.course.iri}]
    extensions: dict[str, object] = {f"{CMI5}/context/extensions/sessionid": visit.session_id}
    if step.verb is LAUNCHED:
        extensions |= _launch(visit)
    if step.verb in {LAUNCHED, PASSED, FAILED} and isinstance(visit.opened, Assessment):
        extensions[MASTERY] = visit.opened.passing_share
    return {"registration": visit.registration, "contextActivities": activities, "extensions": extensions}


def _publisher(visit: Visit) -> str:
    """The identifier from the course structure, which no LMS row knows."""
    return f"urn:publisher:{visit.course.course_id}:{visit.opened.title.lower().replace(' ', '-')}"


def _launch(visit: Visit) -> dict[str, object]:
    move_on = "Passed" if isinstance(visit.opened, Assessment) else "Completed"
    return {
        f"{CMI5}/context/extensions/launchmode": "Normal",
        f"{CMI5}/context/extensions/launchurl": f"{visit.opened.iri}/index.html",
        f"{CMI5}/context/extensions/moveon": move_on,
    }
