"""The whole path: from POST to rows and back to GET, with Kafka in between and without.

`python -m bench.path` prints what it saw.
"""

import argparse
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection

from bench.client import Client
from bench.cost import Cost, measured
from bench.drain import Drained, drain
from bench.figures import Latency, Spread, latency, spread
from bench.machine import heading
from bench.post import CONNECTIONS, TARGET, Load, Poster, Round
from bench.reference import Reference
from bench.servers import Access, Lrs, embedded_database, ingesting, make_access, make_database, postmaster, serving
from bench.statements import Generator, array
from core.database.address import connect_admin
from core.settings import Settings

PER_REQUEST = 50
RATE = 200
PATIENCE = 120


@dataclass(frozen=True)
class Profile:
    drained: int
    seconds: float
    rounds: int


PROFILES = {"quick": Profile(100_000, 8, 3), "full": Profile(500_000, 20, 5)}


@dataclass(frozen=True)
class Seen:
    drained: Drained
    committed: Spread
    ratio: Spread
    cost_of_kafka: Spread
    readable: Latency
    unread: int


def measure(settings: Settings, reference: Reference, profile: Profile) -> Seen:
    drained = drain(settings, reference, profile.drained, profile.rounds)
    through: list[float] = []
    ratios: list[float] = []
    costs: list[float] = []
    for _ in range(profile.rounds):
        without = _post_directly(settings, profile.seconds)
        before = reference.speed(Generator(seed=time.time_ns()), 4)
        through.append(_post_through(settings, profile.seconds))
        after = reference.speed(Generator(seed=time.time_ns()), 4)
        ratios.append(through[-1] / ((before + after) / 2))
        costs.append(through[-1] / without)
    readable, unread = _ask_back(settings, profile.seconds)
    return Seen(drained, spread(through), spread(ratios), spread(costs), latency(readable), unread)


def _post_directly(settings: Settings, seconds: float) -> float:
    with serving(settings, LYCEUM_LRS_PUBLISH="false") as lrs:
        return _post(settings, lrs, seconds)[0].speed


def _post_through(settings: Settings, seconds: float) -> float:
    """Until the last of them is in the tables."""
    with (
        connect_admin(settings.database, autocommit=True) as connection,
        ingesting(settings),
        serving(settings, LYCEUM_LRS_VISIBILITY_WAIT="0") as lrs,
    ):
        _await_ingest(connection)
        began = time.perf_counter()
        round_, access = _post(settings, lrs, seconds)
        until = time.monotonic() + PATIENCE
        while _count(connection, access) < round_.statements:
            if time.monotonic() > until:
                raise RuntimeError("not all that was posted was written")
            time.sleep(0.05)
        return round_.statements / (time.perf_counter() - began)


def _post(settings: Settings, lrs: Lrs, seconds: float) -> tuple[Round, Access]:
    access, load = make_access(settings), Load(PER_REQUEST, seconds, 1)
    poster = Poster(lrs, make_access(settings), load, seed=time.time_ns())
    poster.post(1, Round(load, Cost()))
    with measured(lrs.process, postmaster(settings)) as cost:
        round_ = Round(load, cost)
        Poster(lrs, access, load, seed=time.time_ns()).post(seconds, round_)
    return round_, access


def _ask_back(settings: Settings, seconds: float) -> tuple[list[float], int]:
    """From the sending of one statement until GET finds it, at a steady rate."""
    found: list[float] = []
    unread = 0
    with (
        connect_admin(settings.database, autocommit=True) as connection,
        ingesting(settings),
        serving(settings) as lrs,
    ):
        _await_ingest(connection)
        access = make_access(settings)
        for length, kept in ((2.0, False), (seconds, True)):
            ticks = Ticks(length)
            with ThreadPoolExecutor(CONNECTIONS) as threads:
                done = [threads.submit(_send_and_read, lrs, access, ticks, number) for number in range(CONNECTIONS)]
                for outcome in done:
                    seen, missed = outcome.result()
                    if kept:
                        found += seen
                        unread += missed
    return found, unread


class Ticks:
    """Shared by threads: each takes the next."""

    def __init__(self, seconds: float) -> None:
        self._begin = time.monotonic()
        self._end = self._begin + seconds
        self._count = 0
        self._lock = threading.Lock()

    def next(self) -> bool:
        """Waits for the next one's time; false when all is over."""
        with self._lock:
            at = self._begin + self._count / RATE
            self._count += 1
        if at > self._end:
            return False
        time.sleep(max(0.0, at - time.monotonic()))
        return True


def _send_and_read(lrs: Lrs, access: Access, ticks: Ticks, seed: int) -> tuple[list[float], int]:
    generator, seconds, missed = Generator(seed=time.time_ns() + seed), [], 0
    with Client(lrs.port, access) as client:
        while ticks.next():
            (statement,) = generator.batch(1, datetime.now(UTC).isoformat())
            began = time.perf_counter()
            client.post(TARGET, array([statement]))
            for _ in range(200):
                if client.get(f"{TARGET}?statementId={statement.id}").status == 200:
                    break
                time.sleep(0.005)
            else:
                missed += 1
            seconds.append(time.perf_counter() - began)
    return seconds, missed


def _await_ingest(connection: Connection) -> None:
    """Its times move on as soon as it has its partitions."""
    query = "select min(through) from ingest.ledger where lane = 'statements'"
    before = connection.execute(query).fetchone()
    until = time.monotonic() + 60
    while connection.execute(query).fetchone() == before:
        if time.monotonic() > until:
            raise RuntimeError("ingest did not begin")
        time.sleep(0.05)


def _count(connection: Connection, access: Access) -> int:
    query = "select count(*) from xapi.statement_ids where tenant_id = %s"
    row = connection.execute(query, [access.tenant_id]).fetchone()
    assert row is not None
    return int(row[0])


def report(seen: Seen, title: str, profile: str) -> str:
    drained = seen.drained
    found, missed = seen.readable, seen.unread
    readable = f"p50 {found.p50:.0f}, p95 {found.p95:.0f}, p99 {found.p99:.0f} ms; {missed} not within a second"
    rows = (
        ("Draining a full topic ÷ COPY", "0.5", "0.7", f"{drained.ratio.show('.2f')}: {drained.speed.show()}/s"),
        ("POST of 50 → in the tables, ÷ COPY", "0.2", "0.35", f"{seen.ratio.show('.2f')}: {seen.committed.show()}/s"),
        (f"POST 1 → readable by GET, {RATE}/s", "p99 < 250 ms", "p99 < 60 ms", readable),
        ("throughput with Kafka ÷ without", "0.7", "0.85", seen.cost_of_kafka.show(".2f")),
        ("memory of ingest while it drains", "250 MB", "", f"{drained.resident_mb:.0f} MB"),
    )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    cpu = f"ingest {drained.ingest_us.show()} (its start included), PostgreSQL {drained.database_us.show()}"
    return "\n".join((
        f"# The path through Kafka (profile {profile})", "", title, "",
        "| What | Reach | Aim | Seen |", "|---|---|---|---|", *lines, "",
        f"CPU of draining, µs a statement: {cpu}.", "",
    ))  # fmt: skip


def run(profile: str) -> str:
    with (
        embedded_database(with_broker=True) as settings,
        make_database(settings, "reference") as connection,
    ):
        reference = Reference(connection)
        reference.prepare()
        return report(measure(settings, reference, PROFILES[profile]), heading(settings), profile)


def main() -> None:
    parser = argparse.ArgumentParser(description="The path through Kafka.")
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    print(run(parser.parse_args().profile))


if __name__ == "__main__":
    main()
