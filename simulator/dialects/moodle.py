"""Moodle by way of logstore_xapi: accounts on the site, view.php addresses, sections and courses as parents."""

from functools import lru_cache

from simulator.dialects.interactions import INTERACTION, components, correctness
from simulator.dialects.words import encode, result_text, statement, timestamp_in_seconds, verb
from simulator.plans.steps import Outcome, Step, Thing
from simulator.world.things import Assessment, Course, Page, Question

ADL = "http://adlnet.gov/expapi"
EDLM = "https://xapi.edlm/profiles/edlm-lms/concepts"
STREAMS = "http://activitystrea.ms/schema/1.0"

VIEWED = verb("http://id.tincanapi.com/verb/viewed", "Viewed", "viewed", "en")
STARTED = verb(f"{STREAMS}/start", "Started", "started", "en")
ANSWERED = verb(f"{ADL}/verbs/answered", "Answered", "answered", "en")
COMPLETED = verb(f"{ADL}/verbs/completed", "Completed", "completed", "en")
SUBMITTED = verb(f"{STREAMS}/submit", "Submitted", "interacted", "en")
# With another person as instructor.
SCORED = verb("https://w3id.org/xapi/tla/verbs/scored", "Scored", "graded", "en")


def attempt_page(quiz: Assessment, number: int) -> Page:
    site = quiz.iri.partition("/mod/")[0]
    cmid = quiz.iri.rpartition("=")[2]
    return Page(f"{site}/mod/quiz/attempt.php?attempt={number}&cmid={cmid}", f"{quiz.title} Attempt {number}")


def submission_page(assignment: Assessment) -> Page:
    return Page(f"{assignment.iri}#submission", f"{assignment.title} Submission")


def render(step: Step, actor: bytes) -> bytes:
    outcome = step.outcome if isinstance(step.outcome, Outcome) else None
    return statement(
        step, actor, _about(step), result_text(outcome), _context(step), timestamp_in_seconds(step.at)
    )  # fmt: skip


def _about(step: Step) -> bytes:
    thing = step.thing
    if isinstance(thing, Page):
        return _page(thing.iri, thing.title)
    return _lasting(thing)


def _page(iri: str, title: str) -> bytes:
    kind = f"{EDLM}/activity-types/submission" if iri.endswith("submission") else f"{ADL}/activities/attempt"
    return encode({"id": iri, "definition": {"name": {"en": title}, "type": kind}, "objectType": "Activity"})


@lru_cache(4096)
def _lasting(thing: Thing) -> bytes:
    return encode(_activity(thing))


def _activity(thing: Thing) -> dict[str, object]:
    return {"id": thing.iri, "definition": _definition(thing), "objectType": "Activity"}


def _definition(thing: Thing) -> dict[str, object]:
    if isinstance(thing, Question):
        named = {"name": {"en": thing.title}, "description": {"en": thing.text}, "type": INTERACTION}
        return {**named, "interactionType": thing.interaction, **correctness(thing), **components(thing, "en")}
    return {"name": {"en": thing.title}, "type": _type(thing)}


def _type(thing: Thing) -> str:
    if isinstance(thing, Course):
        return "https://w3id.org/xapi/cmi5/activitytype/course"
    if isinstance(thing, Assessment):
        return f"{ADL}/activities/assessment" if "/quiz/" in thing.iri else f"{EDLM}/activity-types/assignment"
    return "https://w3id.org/xapi/acrossx/activities/page"


def _context(step: Step) -> bytes:
    parts = step.visit.parts
    key = type(step.thing)
    if key not in parts:
        parts[key] = b',"context":' + encode(_around(step))
    text = parts[key]
    return text if step.judge is None else b'%s,"instructor":%s}' % (text[:-1], step.judge.encode())


def _around(step: Step) -> dict[str, object]:
    course = step.visit.course
    site = course.iri.partition("/course/")[0]
    lms = {"name": {"en": "Moodle"}, "type": "http://id.tincanapi.com/activitytype/lms"}
    activities: dict[str, object] = {"category": [{"id": site, "definition": lms, "objectType": "Activity"}]}
    if step.thing is not course:
        activities["parent"] = _parents(step, site)
    return {
        "platform": "Moodle",
        "contextActivities": activities,
        "extensions": {"http://lrs.learninglocker.net/define/extensions/info": {"http://moodle.org": "4.5.1"}},
        "language": "en",
    }


def _parents(step: Step, site: str) -> list[dict[str, object]]:
    """Innermost first, up to the course."""
    visit = step.visit
    section = {"name": {"en": "General"}, "type": "http://id.tincanapi.com/activitytype/section"}
    parents: list[dict[str, object]] = []
    if isinstance(step.thing, Question) and isinstance(visit.opened, Assessment):
        page = attempt_page(visit.opened, visit.number)
        parents.append({"id": page.iri, "objectType": "Activity"})
    if step.thing is not visit.opened:
        parents.append(_activity(visit.opened))
    parents.append({"id": f"{site}/course/section.php?id=1", "definition": section, "objectType": "Activity"})
    return [*parents, _activity(visit.course)]
