"""The marts at one and at ten million statements: a full refresh, then what 10,000 new statements cost.

`python -m bench.marts --counts 1000000 10000000 --homes FOLDER` prints what it saw. A home that an earlier run
filled is used again.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg import Connection, connect

from bench.figures import Spread, spread
from bench.fill import PER_LEARNER, Filled, Pair, accept, write_batch
from bench.get import filled_home
from bench.machine import heading
from bench.school import ACTIVITIES, tell_school
from bench.servers import Access, embedded_database
from bench.statements import COURSES, Generator
from core.database.address import connect_admin, role_conninfo
from core.envelope import Envelope
from core.settings import Settings
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.xapi.times import format_timestamp
from orchestration.dbt import Dbt
from orchestration.refresh import refresh

# A live hour: a learner does some thirty things, in one course.
DELTA, PER_HOUR = 10_000, 30
PATIENCE = 30

# The least that anybody must do: each statement's columns, typed.
PARSED = """
create table parsed as
select
    tenant_id, statement_id, stored, (statement ->> 'timestamp')::timestamptz as occurred_at,
    statement #>> '{actor,account,name}' as learner, statement #>> '{verb,id}' as verb,
    statement #>> '{object,id}' as object, statement #>> '{object,definition,type}' as type,
    (statement #>> '{result,score,scaled}')::numeric as scaled, (statement #>> '{result,score,raw}')::numeric as raw,
    (statement #>> '{result,success}')::boolean as success,
    (statement #>> '{result,completion}')::boolean as completion,
    statement #>> '{result,duration}' as duration, (statement #>> '{context,registration}')::uuid as registration,
    statement #>> '{context,contextActivities,parent,0,id}' as parent
from xapi.statements
"""
BUSY = "select count(*) from pg_stat_activity where usename = 'lyceum_transform'"
READ = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_all_tables"


@dataclass
class Round:
    seconds: float
    rows_read: int
    models: dict[str, float]


@dataclass
class Seen:
    count: int
    parsing: float
    full: Round
    deltas: list[Round] = field(default_factory=list)
    nothing: float = 0.0

    @property
    def delta(self) -> Spread:
        return spread([one.seconds for one in self.deltas])


def measure(settings: Settings, count: int, rounds: int) -> Seen:
    access, filled = filled_home(settings, count)
    tell_school(settings, access, filled)
    with connect_admin(settings.database, autocommit=True) as connection:
        bench = Bench(settings, connection)
        seen = Seen(count, _parse(connection), bench.refresh(full=True))
        print(f"{count:,}: parsed in {seen.parsing:.0f} s, full refresh {seen.full.seconds:.0f} s", flush=True)
        for number in range(rounds + 1):
            _write_delta(settings, access, filled, number)
            round_ = bench.refresh()
            # The first comes after a full refresh: nothing is cached, and the tables have just been written.
            seen.deltas += [round_] if number else []
            print(f"{count:,}: {DELTA:,} new in {round_.seconds:.1f} s", flush=True)
        seen.nothing = bench.refresh().seconds
    return seen


class Bench:
    """One resident dbt, as Dagster has it."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self._settings, self._connection = settings, connection
        self._models: dict[str, float] = {}
        self._dbt = Dbt(settings, self._note)

    def _note(self, name: str, _state: str, seconds: float) -> None:
        self._models[name] = seconds

    def refresh(self, *, full: bool = False) -> Round:
        self._models = {}
        before, began = self._rows_read(), time.perf_counter()
        refresh(self._settings, full=full, dbt=self._dbt)
        seconds = time.perf_counter() - began
        return Round(seconds, self._rows_read() - before, self._models)

    def _rows_read(self) -> int:
        # A session that has ended has told all that it counted.
        until = time.monotonic() + PATIENCE
        while self._connection.execute(BUSY).fetchone() != (0,):
            if time.monotonic() > until:
                raise RuntimeError("those who refreshed are still connected")
            time.sleep(0.05)
        self._connection.execute("select pg_stat_clear_snapshot()")
        row = self._connection.execute(READ).fetchone()
        assert row is not None
        return int(row[0])


def _parse(connection: Connection) -> float:
    began = time.perf_counter()
    connection.execute(PARSED)
    seconds = time.perf_counter() - began
    connection.execute("drop table parsed")
    return seconds


def _write_delta(settings: Settings, access: Access, filled: Filled, number: int) -> None:
    with connect(role_conninfo(settings.database, "lyceum_ingest")) as connection:
        prepare_staging(connection)
        pairs = list(_live_hour(access, filled, number))
        vocabulary = Vocabulary()
        for begin in range(0, DELTA, DELTA // 2):
            write_batch(connection, access, pairs[begin : begin + DELTA // 2], vocabulary)


def _live_hour(access: Access, filled: Filled, number: int) -> Iterator[Pair]:
    generator = Generator(seed=time.time_ns(), actors=filled.learners)
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    learners = DELTA // PER_HOUR + 1
    for index in range(DELTA):
        who = (number * learners + index % learners) % filled.learners
        # Every unit of that course has its turn.
        activity = who % COURSES + index // learners * COURSES % ACTIVITIES
        stored = began + timedelta(seconds=3_600 * index / DELTA)
        stored = stored.replace(microsecond=stored.microsecond // 1000 * 1000)
        body = generator.make(format_timestamp(stored - timedelta(seconds=2)), who, activity).body
        yield Envelope(access.tenant_id, access.credential_id, stored, [accept(body, access.tenant_id)]), stored


def report(found: Sequence[Seen], title: str) -> str:
    least, most = found[0], found[-1]
    growth = most.delta.middle / least.delta.middle
    share = most.delta.middle / most.full.seconds
    speed = most.parsing / most.full.seconds
    lines = [
        "# The marts", "", title, "",
        f"{PER_LEARNER:,} statements a learner over two years in {COURSES} courses.",
        f"{DELTA:,} new statements are a live hour of {DELTA // PER_HOUR + 1} learners.", "",
        "| What | Reach | Aim | Seen |", "|---|---|---|---|",
        f"| refresh for {DELTA:,} new, on {most.count:,} ÷ on {least.count:,} | 1.5 | 1.2 | {growth:.2f} |",
        f"| that refresh ÷ a full refresh, at {most.count:,} | 0.05 | 0.02 | {share:.3f} |",
        f"| full refresh at {most.count:,}, speed ÷ plain parsing | 0.2 | 0.4 | {speed:.2f} |", "",
        f"| Stored | plain parsing | full refresh | {DELTA:,} new | rows read per new statement | nothing new |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for seen in found:
        read = spread([one.rows_read / DELTA for one in seen.deltas])
        lines.append(
            f"| {seen.count:,} | {seen.parsing:.0f} s | {seen.full.seconds:.0f} s: "
            f"{seen.count / seen.full.seconds:,.0f}/s | {seen.delta.show('.1f')} s | {read.show()} | "
            f"{seen.nothing:.1f} s |"
        )
    lines += ["", f"The slowest models at {most.count:,}, seconds:", "", "| full | | new | |", "|---|---|---|---|"]
    lines += [
        f"| {full[0]} | {full[1]:.1f} | {new[0]} | {new[1]:.1f} |"
        for full, new in zip(_slowest(most.full), _slowest(most.deltas[-1]), strict=True)
    ]
    return "\n".join([*lines, ""])


def _slowest(round_: Round) -> list[tuple[str, float]]:
    return sorted(round_.models.items(), key=lambda one: -one[1])[:10]


def run(counts: Sequence[int], rounds: int, homes: Path | None) -> str:
    found, title = [], ""
    for count in sorted(counts):
        with embedded_database(homes / str(count) if homes else None) as settings:
            title = heading(settings)
            found.append(measure(settings, count, rounds))
    return report(found, title)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a refresh of the marts costs.")
    parser.add_argument("--counts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--homes", type=Path, help="keep filled databases here, for the next time")
    options = parser.parse_args()
    print(run(options.counts, options.rounds, options.homes))


if __name__ == "__main__":
    main()
