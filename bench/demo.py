"""The demo as its user has it: the first start, the second, its memory, and how long a statement takes into the marts.

`python -m bench.demo` prints what it saw.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from bench.machine import heading
from bench.servers import run_lyceum
from core.database.address import connect_admin
from core.settings import load_settings

PATIENCE = 300

# Of each statement that was stored meanwhile: from then until the first refresh that took its batch in had ended.
WAITS = """
select
    percentile_cont(array[0.5, 0.95, 1]) within group (order by extract(epoch from taken.finished_at - stored)),
    count(*)
from xapi.statements
inner join ingest.batches using (batch_id)
cross join lateral (
    select min(finished_at) as finished_at from marts.refreshes
    where tenant_id is null and from_number < batches.number and through_number >= batches.number
) as taken
where stored >= %(since)s and stored < %(until)s
"""
LEFT = """
select count(*) from ingest.batches
where created_at < %(until)s and (number is null or number > (select through_number from intermediate.position))
"""
NOW = "select clock_timestamp()"
REFRESHES = """
select count(*), percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at))
from marts.refreshes where started_at >= %(since)s and started_at < %(until)s
"""


class Seen(NamedTuple):
    first: float
    second: float
    memory_mib: float
    statements: int
    waits: list[float]
    minutes: float
    refreshes: int
    refresh_seconds: float


def measure(home: Path, statements: int, minutes: float) -> tuple[Seen, str]:
    try:
        first = _timed(home, "demo", "--statements", str(statements))
        settings = load_settings({"LYCEUM_HOME": str(home)}).settings
        with connect_admin(settings.database, autocommit=True) as connection:
            span = _watch(connection, minutes)
            waits, count = _row(connection, WAITS, span)
            refreshes, seconds = _row(connection, REFRESHES, span)
        memory = sum(process["memory"] or 0 for process in json.loads(run_lyceum(home, "status", "--json"))) / 2**20
        title = heading(settings)
        run_lyceum(home, "down")
        second = _timed(home, "demo")
    finally:
        run_lyceum(home, "down")
    return Seen(first, second, memory, count, waits, minutes, refreshes, seconds), title


def _watch(connection: Connection, minutes: float) -> dict[str, object]:
    """A span of the live load, all of it taken in."""
    (since,) = _row(connection, NOW)
    time.sleep(minutes * 60)
    (until,) = _row(connection, NOW)
    span, deadline = {"since": since, "until": until}, time.monotonic() + PATIENCE
    while _row(connection, LEFT, span) != (0,):
        if time.monotonic() > deadline:
            raise RuntimeError("the marts did not take in what the learners did")
        time.sleep(1)
    return span


def _row(connection: Connection, query: str, span: dict[str, object] | None = None) -> tuple[Any, ...]:
    row = connection.execute(query, span).fetchone()
    assert row is not None
    return row


def _timed(home: Path, *arguments: str) -> float:
    began = time.monotonic()
    print(run_lyceum(home, *arguments), flush=True)
    return time.monotonic() - began


def report(seen: Seen, title: str, statements: int) -> str:
    middle, most, worst = seen.waits
    waits = f"p50 {middle:.1f} s, p95 {most:.1f} s, longest {worst:.1f} s"
    rows = (
        ("first start, everything downloaded before", "180 s", f"{seen.first:.0f} s"),
        ("second start", "45 s", f"{seen.second:.0f} s"),
        ("memory of all processes, shared pages counted once", "6,144 MiB", f"{seen.memory_mib:,.0f} MiB"),
        ("statement stored → in the marts, under the live load", "p95 30 s, aim 10 s", waits),
    )  # fmt: skip
    span = (
        f"About {statements:,} statements at first, then {seen.minutes:g} minutes of learners who go on: "
        f"{seen.statements:,} statements, {seen.refreshes:,} refreshes of {seen.refresh_seconds:.1f} s at the median."
    )
    return "\n".join([
        "# The demo", "", title, "", span, "",
        "| What | Reach | Seen |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows), "",
    ])  # fmt: skip


def run(statements: int, minutes: float) -> str:
    with tempfile.TemporaryDirectory(prefix="lyceum-bench-") as home:
        return report(*measure(Path(home), statements, minutes), statements)


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo as its user has it.")
    parser.add_argument("--statements", type=int, default=200_000)
    parser.add_argument("--minutes", type=float, default=5, help="how long the learners are watched")
    options = parser.parse_args()
    print(run(options.statements, options.minutes))


if __name__ == "__main__":
    main()
