"""The LRS alone, writing through: POST against COPY, and GET at several sizes.

`python -m bench.lrs` prints what it saw. `quick` takes two minutes, `full` half an hour, `large` an hour more for ten
million statements, if no earlier run left them.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cost import Cost
from bench.get import Mix, Paging, Steady, ask, bytes_per_statement, filled_home, page_through
from bench.machine import heading
from bench.post import Load, Poster, Round, Seen, post
from bench.profile import profiled, shares
from bench.reference import Reference
from bench.servers import embedded_database, make_access, make_database, serving


@dataclass(frozen=True)
class Profile:
    post_seconds: float
    rounds: int
    counts: tuple[int, ...]
    get_seconds: float
    profile_seconds: float


PROFILES = {
    "quick": Profile(6, 3, (100_000,), 10, 6),
    "large": Profile(20, 5, (1_000_000, 10_000_000), 40, 20),
    "full": Profile(20, 5, (100_000, 1_000_000), 40, 20),
}


@dataclass
class Results:
    heading: str
    many: Seen
    single: Seen
    reference_bytes: float
    samples: Counter[str]
    filled: dict[int, tuple[float, Mix, Paging]]


def measure(profile: Profile, homes: Path | None) -> Results:
    samples: Counter[str] = Counter()
    with embedded_database() as settings, make_database(settings, "reference") as connection:
        reference = Reference(connection)
        reference.prepare()
        title = heading(settings)
        with serving(settings) as lrs:
            many = post(settings, lrs, Load(50, profile.post_seconds, profile.rounds), reference)
            single = post(settings, lrs, Load(1, profile.post_seconds, profile.rounds))
            load = Load(50, profile.profile_seconds + 2, 1)
            with profiled(lrs, profile.profile_seconds, samples):
                Poster(lrs, make_access(settings), load, seed=99).post(load.seconds, Round(load, Cost()))
        results = Results(title, many, single, reference.bytes_per_statement(), samples, {})
    for count in profile.counts:
        results.filled[count] = _measure_filled(count, profile, homes)
    return results


def _measure_filled(count: int, profile: Profile, homes: Path | None) -> tuple[float, Mix, Paging]:
    with embedded_database(homes / str(count) if homes else None) as settings:
        access, filled = filled_home(settings, count)
        with serving(settings) as lrs:
            mix = ask(settings, lrs, access, filled, Steady(profile.get_seconds, profile.rounds))
            return bytes_per_statement(settings), mix, page_through(lrs, access)


def report(results: Results, name: str) -> str:
    return "\n".join([
        f"# The LRS, writing through (profile {name})", "", results.heading, "",
        *_aims(results), "", *_posts(results), "", *_gets(results), "", *_profile(results), "",
    ])  # fmt: skip


def _aims(results: Results) -> Iterator[str]:
    many, single = results.many, results.single
    assert many.ratio is not None
    yield from ("| What | Reach | Aim | Seen |", "|---|---|---|---|")
    yield (
        f"| POST 50 a request, 8 connections, statements/s ÷ COPY | 0.25 | 0.5 | {many.ratio.show('.2f')}: "
        f"{many.speed.show()}/s |"
    )
    yield (
        f"| POST 1 a request, 8 connections | 800/s, p99 < 25 ms | 1,500/s, p99 < 15 ms | {single.speed.show()}/s, "
        f"p99 {single.latency.p99:.1f} ms |"
    )
    yield f"| CPU of the LRS per statement at 50 a request | 80 µs | 40 µs | {many.lrs_us.show()} µs |"
    for count, (_, mix, _) in results.filled.items():
        slowest = max(mix.p95, key=lambda kind: mix.p95[kind].middle)
        yield (
            f"| GET limit=50 at {count:,}, seven kinds, 50 requests/s | p95 < 10 ms | < 5 ms | "
            f"slowest kind ({slowest}): p95 {mix.p95[slowest].show('.1f')} ms |"
        )
    yield f"| memory of a worker under that load | 200 MB | 120 MB | {many.resident_mb:.0f} MB |"
    for count, (_, _, paging) in results.filled.items():
        yield (
            f"| paging all of {count:,} through `more` | cost per page flat | last/first ≤ 1.1 | "
            f"{paging.last / paging.first:.2f} ({paging.first:.1f} ms, then {paging.last:.1f} ms for 500) |"
        )
    for count, (size, _, _) in results.filled.items():
        yield (
            f"| bytes on disk per statement at {count:,} | | | {size:,.0f}; the reference, at its size: "
            f"{results.reference_bytes:,.0f} |"
        )
    yield ""
    yield "Figures are medians over the repeats, with the least and the most in brackets."


def _posts(results: Results) -> Iterator[str]:
    yield from (
        "## POST",
        "",
        "| A request | statements/s | p50 | p95 | p99 | CPU µs: LRS | PostgreSQL | client | errors |",
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for seen in (results.many, results.single):
        spans = " | ".join(f"{value:.1f} ms" for value in seen.latency[:3])
        yield (
            f"| {seen.size} | {seen.speed.show()} | {spans} | {seen.lrs_us.show()} | {seen.database_us.show()} | "
            f"{seen.client_us.show()} | {seen.errors} |"
        )


def _gets(results: Results) -> Iterator[str]:
    yield "## GET"
    for count, (_, mix, paging) in results.filled.items():
        yield from (
            "",
            f"{count:,} statements:",
            "",
            "| Question | p50 | p95 | p99 | statements |",
            "|---|---|---|---|---|",
        )
        for kind, seen in mix.latencies.items():
            p95 = mix.p95[kind].show(".1f")
            yield f"| {kind} | {seen.p50:.1f} ms | {p95} ms | {seen.p99:.1f} ms | {mix.statements[kind]:.0f} |"
        yield ""
        yield (
            f"Errors: {mix.errors}. CPU per request: LRS {mix.cost.lrs / mix.requests * 1e3:.1f} ms, PostgreSQL "
            f"{mix.cost.database / mix.requests * 1e3:.1f} ms. Worker: {mix.resident_mb:.0f} MB. "
            f"{paging.pages:,} pages with {paging.statements:,} statements in {paging.seconds:.0f} s."
        )


def _profile(results: Results) -> Iterator[str]:
    yield from ("## Where the time goes", "", "The LRS's CPU at 50 statements a request, by py-spy:", "")
    if not results.samples:
        yield "(py-spy is not installed.)"
        return
    yield from ("| Place | Share | µs per statement |", "|---|---|---|")
    for place, share in shares(results.samples):
        if share >= 0.01:
            yield f"| {place} | {share:.0%} | {share * results.many.lrs_us.middle:.0f} |"


def run(profile: str, homes: Path | None) -> str:
    return report(measure(PROFILES[profile], homes), profile)


def main() -> None:
    parser = argparse.ArgumentParser(description="The LRS alone.")
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--homes", type=Path, help="keep filled databases here, for the next time")
    options = parser.parse_args()
    print(run(options.profile, options.homes))


if __name__ == "__main__":
    main()
