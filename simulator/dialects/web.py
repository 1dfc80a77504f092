"""A browser extension that reports what is read, wherever it is: no context, and verbs of its own."""

from functools import lru_cache

from simulator.dialects.words import encode, statement, timestamp, verb
from simulator.plans.steps import Step, Thing

EXPERIENCED = verb("http://adlnet.gov/expapi/verbs/experienced", "experienced", "viewed")
COMPLETED = verb("http://adlnet.gov/expapi/verbs/completed", "completed", "completed")
# Nobody has ever heard of it.
DOODLED = verb("https://apps.example/verbs/doodled", "doodled", "other")


def render(step: Step, actor: bytes) -> bytes:
    return statement(step, actor, _about(step.thing), b"", b"", timestamp(step.at))


@lru_cache(4096)
def _about(thing: Thing) -> bytes:
    return encode({"objectType": "Activity", "id": thing.iri, "definition": {"name": {"en-US": thing.title}}})
