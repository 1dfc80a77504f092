"""`lyceum simulate`: an LMS with learners, whose numbers are known beforehand."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.context import JSON_OPTION, print_facts, print_json, problems, say
from core.errors import UserError
from simulator import imperfections
from simulator.imperfections import NAMES, Imperfections
from simulator.parameters import START, WEEKS, ZONES, Order, Parameters, TenantName
from simulator.simulate import Counts
from simulator.simulate import simulate as run_simulation
from simulator.sinks.files import FileSink

TENANT = typer.Option(["riverside"], help="A tenant to simulate, SLUG or SLUG:TIME/ZONE. Repeatable.")
OUT = typer.Option(..., "--out", help="The folder for statements, events, rows and truths.", file_okay=False)
ORDER = typer.Option("learner", help="learner: one after the other, at once. day: in the order of arrival.")
WITHOUT = typer.Option([], "--without", help=f"An imperfection to leave out, or `all`: {', '.join(NAMES)}. Repeatable.")


def simulate(
    out: Path = OUT,
    tenant: list[str] = TENANT,
    statements: int | None = typer.Option(None, min=1, help="About how many, over all tenants."),
    learners: int | None = typer.Option(None, min=1, help="How many learners, over all tenants, instead."),
    weeks: int = typer.Option(WEEKS, help="How much of the term has passed."),
    start: datetime = typer.Option(START.isoformat(), formats=["%Y-%m-%d"], help="The first day of the term."),
    seed: int = typer.Option(1, help="Equal seeds and options make equal bytes."),
    order: str = ORDER,
    without: list[str] = WITHOUT,
    compressed: bool = typer.Option(False, "--gzip", help="Compress the files of statements and events."),
    stored: bool = typer.Option(False, "--stored", help="Say in each statement when it arrived, for imports."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Play an LMS: courses, learners, statements in the dialects of real emitters, and the truth about them.

    Example: `lyceum simulate --tenant riverside --statements 200000 --weeks 11 --out term`
    """
    parameters = Parameters(
        seed=seed,
        tenants=_tenants(tenant),
        start=date(start.year, start.month, start.day),
        weeks=weeks,
        statements=statements,
        learners=learners,
        order=_order(order),
        imperfections=_imperfections(without),
        stored=stored,
    )
    began = time.monotonic()
    counts = _with_progress(parameters, out, FileSink(out, compressed=compressed))
    _report(counts, time.monotonic() - began, out, as_json)


def _tenants(given: list[str]) -> tuple[TenantName, ...]:
    found = []
    for number, text in enumerate(given):
        slug, _, zone = text.partition(":")
        found.append(TenantName(slug, zone or ZONES[number % len(ZONES)]))
    return tuple(found)


def _order(text: str) -> Order:
    for order in get_args(Order):
        if order == text:
            known: Order = order
            return known
    raise UserError(f"{text!r} is no order.", f"Choose {' or '.join(get_args(Order))}.")


def _imperfections(names: list[str]) -> Imperfections:
    return imperfections.without(list(NAMES) if "all" in names else names)


def _with_progress(parameters: Parameters, out: Path, sink: FileSink) -> Counts:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=problems, transient=True) as progress:
        task = progress.add_task("statements", total=parameters.statements)
        return run_simulation(parameters, out, sink, lambda done: progress.update(task, completed=done))


def _report(counts: Counts, seconds: float, out: Path, as_json: bool) -> None:
    if as_json:
        print_json({"statements": counts["statement"], "events": counts["event"], "folder": str(out)})
        return
    print_facts({
        "statements": f"{counts['statement']:,} in {seconds:.1f} s",
        "events": f"{counts['event']:,}",
        "truth": f"{out}/truth",
    })  # fmt: skip
    say(f"What a Lyceum must know of the tenants is in {out}/manifest.json.")
