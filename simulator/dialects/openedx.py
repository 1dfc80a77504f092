"""Open edX by way of event-routing-backends: usage keys, microseconds, the course as parent of everything."""

from functools import lru_cache

from simulator.dialects.interactions import INTERACTION
from simulator.dialects.video import seconds
from simulator.dialects.words import encode, flags_text, score_text, statement, timestamp, verb
from simulator.plans.steps import Outcome, Step, Thing, Watching
from simulator.world.things import Course, Lesson, Question

ADL = "http://adlnet.gov/expapi"
EDX = "https://w3id.org/xapi/openedx"
VIDEO = "https://w3id.org/xapi/video"

REGISTERED = verb(f"{ADL}/verbs/registered", "registered", "other", "en")
UNREGISTERED = verb("http://id.tincanapi.com/verb/unregistered", "unregistered", "other", "en")
NAVIGATED = verb("https://w3id.org/xapi/dod-isd/verbs/navigated", "navigated", "interacted", "en")
INITIALIZED = verb(f"{ADL}/verbs/initialized", "initialized", "started", "en")
PLAYED = verb(f"{VIDEO}/verbs/played", "played", "played", "en")
PAUSED = verb(f"{VIDEO}/verbs/paused", "paused", "paused", "en")
SEEKED = verb(f"{VIDEO}/verbs/seeked", "seeked", "seeked", "en")
TERMINATED = verb(f"{ADL}/verbs/terminated", "terminated", "ended", "en")
COMPLETED = verb(f"{ADL}/verbs/completed", "completed", "completed", "en")
PROGRESSED = verb(f"{ADL}/verbs/progressed", "progressed", "progressed", "en")
EVALUATED = verb("https://w3id.org/xapi/acrossx/verbs/evaluated", "evaluated", "answered", "en")
EARNED = verb("http://id.tincanapi.com/verb/earned", "earned", "graded", "en")
PASSED = verb(f"{ADL}/verbs/passed", "passed", "passed", "en")

RESOURCE = "http://id.tincanapi.com/activitytype/resource"
FILM = f"{VIDEO}/activity-type/video"
FILMED = {INITIALIZED, PLAYED, PAUSED, SEEKED, TERMINATED, COMPLETED}
TRANSFORMER = {f"{EDX}/extension/transformer-version": "event-routing-backends@9.3.5"}


def render(step: Step, actor: bytes) -> bytes:
    when = timestamp(step.at)[:-1] + b"000+00:00"
    result = _result(step.outcome)
    text = statement(step, actor, _about(step), result, _context(step), when)
    return text[:-1] + b',"version":"1.0.3"}'


def _about(step: Step) -> bytes:
    return _activity(step.thing, step.verb in FILMED)


@lru_cache(4096)
def _activity(thing: Thing, is_filmed: bool) -> bytes:
    definition: dict[str, object] = {"type": FILM if is_filmed and isinstance(thing, Lesson) else RESOURCE}
    if isinstance(thing, Course):
        definition = {"name": {"en": thing.title}, "type": f"{ADL}/activities/course"}
    elif isinstance(thing, Question):
        definition = {
            "description": {"en-US": thing.text}, "type": INTERACTION, "interactionType": thing.interaction,
            "extensions": {"http://id.tincanapi.com/extension/attempt-id": 1},
        }  # fmt: skip
    return encode({"id": thing.iri, "objectType": "Activity", "definition": definition})


def _result(outcome: Outcome | Watching | None) -> bytes:
    if outcome is None:
        return b""
    if isinstance(outcome, Watching):
        return _position(outcome)
    text = score_text(outcome) + flags_text(outcome)
    if outcome.progress is not None:
        text += f'"extensions":{{"https://w3id.org/xapi/cmi5/result/extensions/progress":{outcome.progress * 100}}},'
    return f',"result":{{{text[:-1]}}}'.encode()


def _position(watching: Watching) -> bytes:
    done = '"completion":true,' if watching.completion else ""
    extensions = f'"{VIDEO}/extensions/time":{seconds(watching.time)}'
    if watching.before is not None:
        extensions = (
            f'"{VIDEO}/extensions/time-from":{seconds(watching.before)},'
            f'"{VIDEO}/extensions/time-to":{seconds(watching.time)}'
        )
    return f',"result":{{{done}"extensions":{{{extensions}}}}}'.encode()


def _context(step: Step) -> bytes:
    parts = step.visit.parts
    key = (type(step.thing), step.verb in FILMED, step.verb is INITIALIZED)
    if key not in parts:
        parts[key] = b',"context":' + encode(_around(step))
    return parts[key]


def _around(step: Step) -> dict[str, object]:
    """While a video is being loaded its length is not known, and said to be nothing."""
    visit, thing = step.visit, step.thing
    extensions: dict[str, object] = {**TRANSFORMER, f"{EDX}/extensions/session-id": visit.session_id.replace("-", "")}
    if step.verb in FILMED and isinstance(thing, Lesson) and thing.video is not None:
        length = 0.0 if step.verb is INITIALIZED else thing.video.length / 1000
        extensions[f"{VIDEO}/extensions/length"] = length
    if isinstance(thing, Course):
        return {"extensions": extensions}
    course = visit.course
    definition = {"name": {"en-US": course.title}, "type": f"{ADL}/activities/course"}
    parent = {"id": course.iri, "objectType": "Activity", "definition": definition}
    return {"contextActivities": {"parent": [parent]}, "extensions": extensions}
