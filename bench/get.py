"""GET at a steady rate from a filled database, and paging through all of it.

`python -m bench.get --count 1000000 --home /tmp/filled` keeps the filled database for the next time;
`--plans FILE` writes what PostgreSQL does for each question.
"""

import argparse
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean
from urllib.parse import quote, urlencode

from psycopg import Connection

from bench.client import Client
from bench.cost import Cost, measured, resident_mb
from bench.figures import Latency, Spread, latency, spread
from bench.fill import Filled, fill, plan_fill
from bench.plans import write_plans
from bench.servers import Access, Lrs, embedded_database, make_access, postmaster, serving
from bench.statements import VERBS, account, activity_id, course_id, registration_id, verb_id
from core.database.address import connect_admin
from core.settings import Settings

RATE = 50
CONNECTIONS = 4
LIMIT = 50
PAGE = 500
WARM_UP_SECONDS = 6
SAMPLED_IDS = 5_000

SIZE = """
select sum(pg_total_relation_size(pg_class.oid))
from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where relkind = 'r' and (nspname in ('xapi', 'ingest') or relname like '\\_hyper\\_%chunk')
"""

Question = Callable[[random.Random], dict[str, str | int]]


@dataclass
class Answered:
    """To one kind of question."""

    seconds: list[float] = field(default_factory=list)
    statements: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Steady:
    seconds: float
    rounds: int


@dataclass(frozen=True)
class Mix:
    latencies: dict[str, Latency]
    # Milliseconds, over the rounds.
    p95: dict[str, Spread]
    statements: dict[str, float]
    errors: int
    cost: Cost
    requests: int
    resident_mb: float


@dataclass(frozen=True)
class Paging:
    pages: int
    statements: int
    seconds: float
    # Mean milliseconds of a page, in the first and the last tenth.
    first: float
    last: float


def questions(filled: Filled, ids: list[str]) -> dict[str, Question]:
    def learner(rng: random.Random) -> int:
        return rng.randrange(filled.learners)

    def since(rng: random.Random) -> str:
        return (filled.began + timedelta(days=rng.randrange(700))).isoformat()

    return {
        "newest": lambda _: {},
        "by agent": lambda rng: {"agent": json.dumps({"account": account(learner(rng))})},
        "by verb and since": lambda rng: {"verb": verb_id(rng.randrange(len(VERBS))), "since": since(rng)},
        "by activity": lambda rng: {"activity": activity_id(rng.randrange(200))},
        "by registration": lambda rng: {"registration": registration_id(learner(rng), rng.randrange(200))},
        "related activity": lambda rng: {"activity": course_id(rng.randrange(200)), "related_activities": "true"},
        "one id": lambda rng: {"statementId": rng.choice(ids)},
    }


def target_of(parameters: dict[str, str | int]) -> str:
    given = parameters if "statementId" in parameters else {"limit": LIMIT, **parameters}
    return f"/xAPI/statements?{urlencode(given, quote_via=quote)}"


class Asker:
    """Asks at fixed times, whether or not the last answer is there: who is kept waiting counts."""

    def __init__(self, lrs: Lrs, access: Access, asked: dict[str, Question]) -> None:
        self._lrs, self._access, self._asked = lrs, access, asked

    def ask(self, seconds: float, seed: int) -> dict[str, Answered]:
        answered = {kind: Answered() for kind in self._asked}
        due = iter(self._schedule(int(seconds * RATE), seed))
        taking, began = threading.Lock(), time.perf_counter()

        def run() -> None:
            with Client(self._lrs.port, self._access) as client:
                while True:
                    with taking:
                        following = next(due, None)
                    if following is None:
                        return
                    number, kind, target = following
                    _ask(client, target, began + number / RATE, answered[kind])

        with ThreadPoolExecutor(CONNECTIONS) as threads:
            for done in [threads.submit(run) for _ in range(CONNECTIONS)]:
                done.result()
        return answered

    def _schedule(self, count: int, seed: int) -> Iterator[tuple[int, str, str]]:
        rng = random.Random(seed)  # noqa: S311 - the same questions in every run
        kinds = itertools.cycle(self._asked.items())
        for number, (kind, question) in zip(range(count), kinds, strict=False):
            yield number, kind, target_of(question(rng))


def _ask(client: Client, target: str, due: float, answered: Answered) -> None:
    time.sleep(max(0, due - time.perf_counter()))
    answer = client.get(target)
    answered.seconds.append(time.perf_counter() - due)
    answered.errors += answer.status != 200
    answered.statements += answer.body.count(b'"authority":')


def ask(settings: Settings, lrs: Lrs, access: Access, filled: Filled, steady: Steady) -> Mix:
    asker = Asker(lrs, access, questions(filled, _some_ids(settings, access)))
    asker.ask(WARM_UP_SECONDS, seed=1)
    with measured(lrs.process, postmaster(settings)) as cost:
        rounds = [asker.ask(steady.seconds, seed=2 + number) for number in range(steady.rounds)]
    return _sum_up(rounds, cost, resident_mb(lrs.process))


def _sum_up(rounds: list[dict[str, Answered]], cost: Cost, resident: float) -> Mix:
    kinds = {kind: [one[kind] for one in rounds] for kind in rounds[0]}
    seconds = {kind: [second for one in answered for second in one.seconds] for kind, answered in kinds.items()}
    statements = {kind: sum(one.statements for one in answered) for kind, answered in kinds.items()}
    return Mix(
        latencies={kind: latency(of_kind) for kind, of_kind in seconds.items()},
        p95={kind: spread([latency(one.seconds).p95 for one in answered]) for kind, answered in kinds.items()},
        statements={kind: statements[kind] / len(seconds[kind]) for kind in kinds},
        errors=sum(one.errors for answered in kinds.values() for one in answered),
        cost=cost,
        requests=sum(len(of_kind) for of_kind in seconds.values()),
        resident_mb=resident,
    )


def page_through(lrs: Lrs, access: Access) -> Paging:
    target, seconds, statements = f"/xAPI/statements?limit={PAGE}", [], 0
    with Client(lrs.port, access) as client:
        while target:
            began = time.perf_counter()
            answer = client.get(target)
            seconds.append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"{target} was answered {answer.status}")
            statements += answer.body.count(b'"authority":')
            target = answer.body[answer.body.rindex(b'"more":"') + 8 : -2].decode()
    tenth = max(1, len(seconds) // 10)
    return Paging(len(seconds), statements, sum(seconds), mean(seconds[:tenth]) * 1e3, mean(seconds[-tenth:]) * 1e3)


def bytes_per_statement(settings: Settings) -> float:
    with connect_admin(settings.database) as connection:
        return _one(connection, SIZE) / _one(connection, "select count(*) from xapi.statement_ids")


def _one(connection: Connection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def _some_ids(settings: Settings, access: Access) -> list[str]:
    """Not voided ones, from all of the time."""
    query = """
        select statement_id::text from xapi.statement_ids as ids
        where tenant_id = %s and not exists (
            select from xapi.statement_references as voiding
            where voiding.tenant_id = ids.tenant_id and voiding.target_id = ids.statement_id and voiding.is_voiding
        )
        order by statement_id limit %s
    """
    with connect_admin(settings.database) as connection:
        return [row[0] for row in connection.execute(query, [access.tenant_id, SAMPLED_IDS])]


def show(mix: Mix) -> Iterator[str]:
    for kind, seen in mix.latencies.items():
        yield (
            f"{kind:20} p50 {seen.p50:6.1f}  p95 {mix.p95[kind].show('.1f'):18}  p99 {seen.p99:6.1f}  "
            f"worst {seen.worst:6.0f} ms"
            f"  {mix.statements[kind]:5.1f} statements"
        )
    yield (
        f"errors {mix.errors}; CPU, ms per request: LRS {mix.cost.lrs / mix.requests * 1e3:.2f}, PostgreSQL "
        f"{mix.cost.database / mix.requests * 1e3:.2f}; LRS resident {mix.resident_mb:.0f} MB"
    )


def filled_home(settings: Settings, count: int) -> tuple[Access, Filled]:
    """Fills it, unless an earlier run did."""
    note = settings.home / f"filled-{count}.json"
    if note.exists():
        access, began = json.loads(note.read_text(encoding="ascii"))
        return Access(*access), replace(plan_fill(count), began=datetime.fromisoformat(began))
    access, filled = make_access(settings), plan_fill(count)
    fill(settings, access, filled, print)
    with connect_admin(settings.database, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    parts = [access.tenant_id, access.credential_id, access.authorization], filled.began.isoformat()
    note.write_text(json.dumps(parts), encoding="ascii")
    return access, filled


def main() -> None:
    parser = argparse.ArgumentParser(description="GET at a steady rate.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, help="keep the filled database here")
    parser.add_argument("--plans", type=Path, help="write the plans to this file")
    parser.add_argument("--paging", action="store_true", help="page through all of it, too")
    options = parser.parse_args()
    with embedded_database(options.home) as settings:
        access, filled = filled_home(settings, options.count)
        print(f"{options.count:,} statements, {bytes_per_statement(settings):,.0f} bytes on disk each")
        if options.plans:
            write_plans(settings, access, filled, options.plans)
        with serving(settings) as lrs:
            print(*show(ask(settings, lrs, access, filled, Steady(options.seconds, options.rounds))), sep="\n")
            if options.paging:
                print(page_through(lrs, access))


if __name__ == "__main__":
    main()
