"""`lyceum simulate`: an LMS with learners, whose numbers are known beforehand."""

import signal
import threading
import time
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.context import JSON_OPTION, admin_connection, print_facts, print_json, problems, say, settings
from core.errors import UserError
from simulator import imperfections
from simulator.imperfections import NAMES, Imperfections
from simulator.live import Pace, play_live
from simulator.parameters import START, WEEKS, ZONES, Order, Parameters, TenantName
from simulator.simulate import Counts
from simulator.simulate import simulate as run_simulation
from simulator.sinks.files import FileSink
from simulator.sinks.http import Credential, LrsSink, Options
from simulator.sinks.sink import Sink

TENANT = typer.Option(["riverside"], help="A tenant to simulate, SLUG or SLUG:TIME/ZONE. Repeatable.")
OUT = typer.Option(..., "--out", help="The folder for statements, events, rows and truths.", file_okay=False)
TO = typer.Option(
    None,
    "--to",
    help="The address of an LRS to send statements to, such as http://127.0.0.1:8400; or `kafka`: into the topics.",
)
CREDENTIALS = typer.Option(
    None,
    help='A JSON file {"TENANT": {"key": "…", "secret": "…"}} with what to send them.',
    dir_okay=False,
    exists=True,
)
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
    trace: bool = typer.Option(False, "--trace", help="Write down what each single statement is, too."),
    to: str | None = TO,
    credentials: Path | None = CREDENTIALS,
    connections: int = typer.Option(4, min=1, max=64, help="Connections to the LRS."),
    events: bool = typer.Option(False, "--events", help="Send the LMS's events to the LRS, too."),
    live: bool = typer.Option(False, "--live", help="Go on sending at the pace of real learners, until stopped."),
    speed: float = typer.Option(1.0, min=0.01, help="How much faster than real learners."),
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
        trace=trace,
    )
    if to is None:
        sink: Sink = FileSink(out, compressed=compressed)
    elif to == "kafka":
        sink = _topic_sink(_credentials(credentials), events=events)
    else:
        sink = LrsSink(to, _credentials(credentials), Options(connections=connections, sends_events=events))
    _refuse_used(out)
    began = time.monotonic()
    counts = _live(parameters, sink, speed) if live else _with_progress(parameters, out, sink)
    _report(counts, time.monotonic() - began, out, as_json)


def _refuse_used(folder: Path) -> None:
    """What is left of another simulation would be taken for a part of this one."""
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"The folder {folder} is not empty.", "Name another one, or empty it.")


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


def _credentials(file: Path | None) -> dict[str, Credential]:
    if file is None:
        raise UserError("With what to send is not said.", "Give --credentials, made by `lyceum credentials create`.")
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Credential])
    except msgspec.MsgspecError as error:
        raise UserError(f"{file} does not hold credentials: {error}.", CREDENTIALS.help) from error


def _topic_sink(credentials: dict[str, Credential], *, events: bool) -> Sink:
    from simulator.sinks.topic import TopicSink, find_senders  # noqa: PLC0415 - the client of Kafka takes a while

    with admin_connection() as connection:
        senders = find_senders(connection, {slug: credential.key for slug, credential in credentials.items()})
    return TopicSink(settings().kafka, senders, sends_events=events)


def _live(parameters: Parameters, sink: Sink, speed: float) -> Counts:
    """Ctrl-C or a signal ends it in good order."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Progress(TextColumn("{task.completed:,} statements"), TimeElapsedColumn(), console=problems) as progress:
        task = progress.add_task("statements", total=None)
        sent = play_live(parameters, sink, Pace(speed), stop, lambda done: progress.update(task, completed=done))
    return {"statement": sent, "event": 0}


def _with_progress(parameters: Parameters, out: Path, sink: Sink) -> Counts:
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
