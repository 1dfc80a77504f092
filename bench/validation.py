"""What the LRS spends on a statement before it is stored: reading, deriving keys and digest, composing the body.

`python -m bench.validation` prints microseconds per statement for known actors and activities, for new ones, and for
the parsers alone, on this machine, in this run.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from core.xapi.batches import read_batch
from core.xapi.bodies import compose, stamp
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.times import parse_timestamp
from core.xapi.versions import Version

LMS = "https://lms.example.org"
ADL = "http://adlnet.gov/expapi"
VERBS = ("answered", "completed", "passed", "experienced", "attempted", "progressed")
AUTHORITY = b'{"account":{"homePage":"https://lms.example.org","name":"content"}}'
TENANT = 1

T = TypeVar("T")


def make_statement(rng: random.Random, actors: int = 500, activities: int = 200) -> dict[str, Any]:
    actor, activity, verb = rng.randrange(actors), rng.randrange(activities), rng.choice(VERBS)
    course = activity % 20
    return {
        "id": str(UUID(int=rng.getrandbits(128), version=4)),
        "actor": {
            "objectType": "Agent",
            "name": f"Learner {actor}",
            "account": {"homePage": LMS, "name": f"learner-{actor:06}"},
        },
        "verb": {"id": f"{ADL}/verbs/{verb}", "display": {"en-US": verb}},
        "object": {
            "objectType": "Activity",
            "id": f"{LMS}/courses/{course}/units/{activity}",
            "definition": {"name": {"en-US": f"Unit {activity}"}, "type": f"{ADL}/activities/assessment"},
        },
        "result": {
            "score": {"scaled": rng.randrange(101) / 100, "raw": rng.randrange(20), "min": 0, "max": 20},
            "success": rng.random() < 0.8,
            "completion": True,
            "duration": f"PT{rng.randrange(60)}M{rng.randrange(6000) / 100}S",
        },
        "context": {
            "registration": str(UUID(int=actor * 1000 + course, version=4)),
            "contextActivities": {
                "parent": [{"objectType": "Activity", "id": f"{LMS}/courses/{course}"}],
                "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}],
            },
            "platform": "Example LMS",
        },
        "timestamp": f"2026-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T10:30:{rng.randrange(10, 60)}.120Z",
    }


def make_batches(count: int, size: int, actors: int = 500, activities: int = 200) -> list[bytes]:
    rng = random.Random(7)  # noqa: S311 (the same statements in every run)
    return [
        json.dumps([make_statement(rng, actors, activities) for _ in range(size)], separators=(",", ":")).encode()
        for _ in range(count)
    ]


def process(body: bytes, stored: datetime) -> None:
    for statement in read_batch(body, Version.V1).statements:
        record = derive(statement, TENANT)
        stamp(compose(statement, str(record.id), Version.V1, AUTHORITY), stored, record.timestamp is not None)


def microseconds(work: Callable[[T], object], over: Sequence[T], statements: int, repeat: int = 5) -> float:
    fastest = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        for each in over:
            work(each)
        fastest = min(fastest, time.process_time() - start)
    return fastest / statements * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--size", type=int, default=50)
    options = parser.parse_args()
    total = options.batches * options.size
    bodies = make_batches(options.batches, options.size)
    spaced = [json.dumps(json.loads(body), indent=1).encode() for body in bodies]
    fresh = make_batches(options.batches, options.size, actors=10**9, activities=10**9)
    stored = parse_timestamp("2026-11-01T00:00:00Z", Version.V1)
    statements = [each for body in bodies for each in read_batch(body, Version.V1).statements]
    texts = [each.text for each in statements]
    print(f"{sum(map(len, bodies)) / total:.0f} bytes a statement, {options.size} a request; CPU, µs per statement:")

    def report(name: str, work: Callable[[T], object], over: Sequence[T], repeat: int = 5) -> None:
        print(f"{name:34}{microseconds(work, over, total, repeat):8.2f}")

    report("json.loads alone", json.loads, bodies)
    report("read: known actors, activities", lambda body: read_batch(body, Version.V1), bodies)
    report("read: with white space", lambda body: read_batch(body, Version.V1), spaced)
    report("read: one by one", lambda text: read_statement(text, Version.V1), texts)
    report("keys, digest, derived rows", lambda each: derive(each, TENANT), statements)
    report("body", lambda each: compose(each, str(each.id), Version.V1, AUTHORITY), statements)
    report("all of it", lambda body: process(body, stored), bodies)
    # Once only: afterwards they are known.
    report("all of it: actors, activities new", lambda body: process(body, stored), fresh, repeat=1)


if __name__ == "__main__":
    main()
