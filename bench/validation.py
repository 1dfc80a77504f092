"""What the LRS spends on a statement before it is stored: reading, deriving keys and digest, composing the body.

`python -m bench.validation` prints microseconds per statement for known actors and activities, for new ones, and for
the parsers alone, on this machine, in this run.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from bench.statements import Generator, array
from core.xapi.batches import read_batch
from core.xapi.bodies import compose, stamp
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.times import parse_timestamp
from core.xapi.versions import Version

AUTHORITY = b'{"account":{"homePage":"https://lms.example.org","name":"content"}}'
TENANT = 1

T = TypeVar("T")


def make_batches(count: int, size: int, actors: int = 500, activities: int = 200) -> list[bytes]:
    generator = Generator(7, actors, activities)
    return [array(generator.batch(size, "2026-06-01T10:30:12.120Z")) for _ in range(count)]


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
