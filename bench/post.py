"""POST by several keep-alive connections at once, as fast as they are answered, beside the reference in the same run.

`python -m bench.post --size 50` prints what it saw; `--size 1` is about requests, and leaves the reference out.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.client import Client
from bench.cost import Cost, measured, resident_mb
from bench.figures import Latency, Spread, latency, spread
from bench.reference import Reference
from bench.servers import Access, Lrs, embedded_database, make_access, make_database, postmaster, serving
from bench.statements import Generator, array
from core.settings import Settings

CONNECTIONS = 8
TARGET = "/xAPI/statements"
REFERENCE_BATCHES = 4


@dataclass(frozen=True)
class Load:
    size: int
    seconds: float
    rounds: int
    connections: int = CONNECTIONS


@dataclass
class Round:
    """One stretch of load."""

    load: Load
    cost: Cost
    reference: float = 0
    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def statements(self) -> int:
        return len(self.seconds) * self.load.size

    @property
    def speed(self) -> float:
        return self.statements / self.cost.wall


@dataclass(frozen=True)
class Seen:
    """Of all rounds. The reference ran before and after each."""

    size: int
    speed: Spread
    ratio: Spread | None
    latency: Latency
    lrs_us: Spread
    database_us: Spread
    client_us: Spread
    resident_mb: float
    errors: int


class Poster:
    def __init__(self, lrs: Lrs, access: Access, load: Load, seed: int) -> None:
        self._lrs, self._access, self._load = lrs, access, load
        self._generators = [Generator(seed * 1_000 + number) for number in range(load.connections)]

    def post(self, seconds: float, into: Round) -> None:
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(self._load.connections) as threads:
            for done in [threads.submit(self._post, one, until, into) for one in self._generators]:
                done.result()

    def _post(self, generator: Generator, until: float, into: Round) -> None:
        with Client(self._lrs.port, self._access) as client:
            while time.monotonic() < until:
                body = array(generator.batch(self._load.size, datetime.now(UTC).isoformat()))
                began = time.perf_counter()
                answer = client.post(TARGET, body)
                into.seconds.append(time.perf_counter() - began)
                into.errors += answer.status != 200


def post(settings: Settings, lrs: Lrs, load: Load, reference: Reference | None = None) -> Seen:
    database = postmaster(settings)
    poster = Poster(lrs, make_access(settings), load, seed=time.time_ns())
    poster.post(load.seconds / 3, Round(load, Cost()))
    generator = Generator(seed=time.time_ns())
    done: list[Round] = []
    for _ in range(load.rounds):
        before = reference.speed(generator, REFERENCE_BATCHES) if reference else 0
        with measured(lrs.process, database) as cost:
            this = Round(load, cost)
            poster.post(load.seconds, this)
        after = reference.speed(generator, REFERENCE_BATCHES) if reference else 0
        this.reference = (before + after) / 2
        done.append(this)
    return _sum_up(load, done, resident_mb(lrs.process))


def _sum_up(load: Load, rounds: list[Round], resident: float) -> Seen:
    return Seen(
        size=load.size,
        speed=spread([one.speed for one in rounds]),
        ratio=spread([one.speed / one.reference for one in rounds]) if rounds[0].reference else None,
        latency=latency([seconds for one in rounds for seconds in one.seconds]),
        lrs_us=spread([one.cost.lrs / one.statements * 1e6 for one in rounds]),
        database_us=spread([one.cost.database / one.statements * 1e6 for one in rounds]),
        client_us=spread([one.cost.client / one.statements * 1e6 for one in rounds]),
        resident_mb=resident,
        errors=sum(one.errors for one in rounds),
    )


def show(seen: Seen) -> str:
    ratio = f", {seen.ratio.show('.2f')} of the reference" if seen.ratio else ""
    return (
        f"{seen.size} a request: {seen.speed.show()} statements/s{ratio}\n"
        f"  p50 {seen.latency.p50:.1f} ms, p95 {seen.latency.p95:.1f} ms, p99 {seen.latency.p99:.1f} ms, "
        f"worst {seen.latency.worst:.0f} ms, errors {seen.errors}\n"
        f"  CPU, µs per statement: LRS {seen.lrs_us.show()}, PostgreSQL {seen.database_us.show()}, "
        f"client {seen.client_us.show()}; LRS resident {seen.resident_mb:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="POST as fast as the LRS answers.")
    parser.add_argument("--size", type=int, default=50, help="statements a request")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    options = parser.parse_args()
    with embedded_database() as settings, make_database(settings, "reference") as connection:
        reference = Reference(connection)
        reference.prepare()
        with serving(settings) as lrs:
            load = Load(options.size, options.seconds, options.rounds, options.connections)
            print(show(post(settings, lrs, load, reference if options.size > 1 else None)))


if __name__ == "__main__":
    main()
