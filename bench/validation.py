"""What the LRS spends on a statement before it is stored: reading, deriving keys and digest, composing the body.

`python -m bench.validation` prints microseconds per statement for known actors and activities, for new ones, and for
the parsers alone, on this machine, in this run.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from core.xapi.batches import read_batch
from core.xapi.bodies import compose, stamp
from core.xapi.records import derive
from core.xapi.statements import Statement, read_statement
from core.xapi.times import parse_timestamp
from core.xapi.versions import Version

LMS = "https://lms.example.org"
ADL = "http://adlnet.gov/expapi"
VERBS = ("answered", "completed", "passed", "experienced", "attempted", "progressed")
AUTHORITY = b'{"account":{"homePage":"https://lms.example.org","name":"content"}}'
TENANT = 1


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
        "timestamp": f"2026-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T1{rng.randrange(10)}:30:{rng.randrange(10, 60)}.120Z",
    }


def make_batches(count: int, size: int, actors: int = 500, activities: int = 200) -> list[bytes]:
    rng = random.Random(7)  # noqa: S311 (the same statements in every run)
    return [
        json.dumps([make_statement(rng, actors, activities) for _ in range(size)], separators=(",", ":")).encode()
        for _ in range(count)
    ]


def process(body: bytes, stored: Any) -> Iterator[bytes]:
    for statement in read_batch(body, Version.V1).statements:
        record = derive(statement, TENANT)
        yield stamp(compose(statement, str(record.id), Version.V1, AUTHORITY), stored, record.timestamp is not None)


def microseconds(work: Callable[[], object], statements: int, repeat: int = 5) -> float:
    fastest = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        work()
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
    statements: list[Statement] = [each for body in bodies for each in read_batch(body, Version.V1).statements]
    print(f"{sum(map(len, bodies)) / total:.0f} bytes a statement, {options.size} a request; CPU, µs per statement:")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("json.loads alone", lambda: [json.loads(body) for body in bodies]),
        ("read: known actors, activities", lambda: [read_batch(body, Version.V1) for body in bodies]),
        ("read: with white space", lambda: [read_batch(body, Version.V1) for body in spaced]),
        ("read: one by one", lambda: [read_statement(each.text, Version.V1) for each in statements]),
        ("keys, digest, derived rows", lambda: [derive(each, TENANT) for each in statements]),
        ("body", lambda: [compose(each, str(each.id), Version.V1, AUTHORITY) for each in statements]),
        ("all of it", lambda: [list(process(body, stored)) for body in bodies]),
    ]
    for name, work in rows:
        print(f"{name:34}{microseconds(work, total):8.2f}")
    # Once only: afterwards they are known.
    new = microseconds(lambda: [list(process(body, stored)) for body in fresh], total, repeat=1)
    print(f"{'all of it: all actors, units new':34}{new:8.2f}")


if __name__ == "__main__":
    main()
