"""Realistic statements of about 800 bytes: the same for the same seed, and cheap, as they are made while we measure."""

import json
import random
from typing import Any, NamedTuple

LMS = "https://lms.example.org"
ADL = "http://adlnet.gov/expapi"
VERBS = ("answered", "completed", "passed", "experienced", "attempted", "progressed")
COURSES = 20
RESULTS = 20_000


class Statement(NamedTuple):
    """One as a client sends it, and what it is about, as far as somebody may look for it."""

    id: str
    actor: int
    verb: int
    activity: int
    registration: str
    body: bytes


def account(actor: int) -> dict[str, str]:
    return {"homePage": LMS, "name": f"learner-{actor:07}"}


def verb_id(verb: int) -> str:
    return f"{ADL}/verbs/{VERBS[verb]}"


def activity_id(activity: int) -> str:
    return f"{course_id(activity)}/units/{activity}"


def course_id(activity: int) -> str:
    return f"{LMS}/courses/{activity % COURSES}"


def registration_id(actor: int, activity: int) -> str:
    return f"{actor:08x}-0000-4000-8000-{activity % COURSES:012x}"


class Generator:
    def __init__(self, seed: int, actors: int = 500, activities: int = 200) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - the same statements in every run
        self._actors = actors
        self._activities = activities
        # Parts that come again are encoded once; of an actor and an activity only as they are needed.
        self._actor_parts: dict[int, bytes] = {}
        self._activity_parts: dict[int, tuple[bytes, bytes]] = {}
        self._verb_parts = [
            _encode({"id": verb_id(verb), "display": {"en-US": name}}) for verb, name in enumerate(VERBS)
        ]
        self._results = [self._result() for _ in range(RESULTS)]

    def make(self, timestamp: str, actor: int | None = None, activity: int | None = None) -> Statement:
        pick = self._rng.random
        who = int(pick() * self._actors) if actor is None else actor
        activity = int(pick() * self._activities) if activity is None else activity
        verb = int(pick() * len(VERBS))
        statement_id, registration = self.new_id(), registration_id(who, activity)
        about, context = self._activity(activity)
        body = b'{"id":"%s","actor":%s,"verb":%s,"object":%s,"result":%s,"context":{"registration":"%s",%s' % (
            statement_id.encode(), self._actor(who), self._verb_parts[verb], about,
            self._results[int(pick() * RESULTS)], registration.encode(), context,
        )  # fmt: skip
        return Statement(
            statement_id, who, verb, activity, registration, body + b'"timestamp":"%s"}' % timestamp.encode()
        )

    def refer(self, timestamp: str, target: Statement, verb: str) -> bytes:
        """A statement about another one: a comment, or with the verb `voided` the end of it."""
        return b'{"id":"%s","actor":%s,"verb":{"id":"%s"},"object":{"objectType":"StatementRef","id":"%s"},%s' % (
            self.new_id().encode(), self._actor(target.actor), f"{ADL}/verbs/{verb}".encode(), target.id.encode(),
            b'"timestamp":"%s"}' % timestamp.encode(),
        )  # fmt: skip

    def batch(self, count: int, timestamp: str) -> list[Statement]:
        return [self.make(timestamp) for _ in range(count)]

    def new_id(self) -> str:
        digits = f"{self._rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def _actor(self, actor: int) -> bytes:
        if actor not in self._actor_parts:
            who = {"objectType": "Agent", "name": f"Learner {actor}", "account": account(actor)}
            self._actor_parts[actor] = _encode(who)
        return self._actor_parts[actor]

    def _activity(self, activity: int) -> tuple[bytes, bytes]:
        if activity not in self._activity_parts:
            definition = {"name": {"en-US": f"Unit {activity}"}, "type": f"{ADL}/activities/assessment"}
            about = {"objectType": "Activity", "id": activity_id(activity), "definition": definition}
            context = {
                "contextActivities": {
                    "parent": [{"objectType": "Activity", "id": course_id(activity)}],
                    "grouping": [{"objectType": "Activity", "id": f"{LMS}/programmes/{activity % 3}"}],
                    "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}],
                },
                "platform": "Example LMS",
            }
            self._activity_parts[activity] = _encode(about), _encode(context)[1:] + b","
        return self._activity_parts[activity]

    def _result(self) -> bytes:
        rng = self._rng
        score = {"scaled": rng.randrange(101) / 100, "raw": rng.randrange(20), "min": 0, "max": 20}
        return _encode({
            "score": score,
            "success": rng.random() < 0.8,
            "completion": True,
            "duration": f"PT{rng.randrange(60)}M{rng.randrange(6000) / 100}S",
        })  # fmt: skip


def array(statements: list[Statement]) -> bytes:
    return b"[" + b",".join([statement.body for statement in statements]) + b"]"


def _encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
