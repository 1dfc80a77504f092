"""`lyceum demo`: everything up on this machine, with three schools to look at."""

import signal
import threading
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.context import admin_connection, out, print_facts, say, settings
from cli.demo_logins import SCHOOL, SCHOOLS, Logins, make_logins
from cli.example_statement import curl, find_example
from cli.progress import Progress as Starting
from cli.tour import DASHBOARD, dashboards_address, read_credential, tour
from cli.up import up
from core.errors import UserError
from core.secrets import SecretKey
from local.home import Home
from local.state import read_state
from local.stop import stop
from orchestration.status import read_status
from simulator.demo import STATEMENTS, Files, begin_demo, play_demo, read_stage

NEWEST_OF = "select stored, statement from tenant.statements where statement #>> '{actor,mbox}'"
LOOK_EVERY = 0.2
PATIENCE = 60.0
MARTS_PATIENCE = 600.0
PLAY = typer.Option("--play", hidden=True)
MOST = typer.Option("--statements", min=1000, help="About how many, the first time.")


app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode="markdown")
app.command()(tour)


@app.callback()
def demo(
    context: typer.Context, statements: Annotated[int, MOST] = STATEMENTS, play: Annotated[bool, PLAY] = False
) -> None:
    """Start everything in the background with three simulated schools, whose learners go on. Safe to repeat.

    Example: `lyceum demo` · `lyceum demo tour`
    """
    if context.invoked_subcommand is not None:
        return
    began = time.monotonic()
    home = Home(settings().home)
    if play:
        _play(Files(home.demo))
        return
    home.create()
    files = begin_demo(home.demo, statements, datetime.now(UTC).date())
    _start(home)
    _wait(files, home)
    _wait_for_marts(files, home)
    logins = make_logins(home)
    say("")
    say(f"All is up, after {time.monotonic() - began:.0f} s.")
    _say_where_to_go(home, logins)
    _say_what_to_try(home, logins)


def _start(home: Home) -> None:
    state = read_state(home.state_file) if home.holder() is not None else None
    with_learners = state is not None and any(process.name == "learners" for process in state.processes)
    if with_learners and _is_brought_up(home):
        return
    if home.holder() is not None:
        # Started without them, or not to be started.
        stop(home)
    up(detached=True)


def _is_brought_up(home: Home) -> bool:
    """By a start that was begun before; what it still has to do is shown from here on."""
    starting = Starting(out, home)
    while home.holder() is not None and (state := read_state(home.state_file)) is not None and not state.failed:
        if state.is_up:
            return True
        starting.show(state)
        time.sleep(LOOK_EVERY)
    return False


def _require_running(home: Home) -> None:
    if home.holder() is None:
        raise UserError("Lyceum was stopped meanwhile.", "`lyceum demo` goes on where it was.")


def _play(files: Files) -> None:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    current = settings()
    play_demo(files, current.public_url, admin_connection, SecretKey(current.secret_key), stopping)


def _wait(files: Files, home: Home) -> None:
    columns = (TextColumn("  [bold]learners[/]   {task.description}"), BarColumn(), TextColumn("{task.completed:,}"))
    with Progress(*columns, TimeElapsedColumn(), console=out, transient=True) as progress:
        task, heard_at = progress.add_task("a term of three schools", total=None), time.monotonic()
        before = stage = read_stage(files)
        while stage.name != "live":
            if stage != before:
                before, heard_at = stage, time.monotonic()
            if time.monotonic() - heard_at > PATIENCE:
                raise UserError(
                    "Nothing is heard of the simulated learners.", f"See {home.log('learners')}, then `lyceum demo`."
                )
            _require_running(home)
            progress.update(task, total=stage.of or None, completed=stage.statements)
            time.sleep(LOOK_EVERY)
            stage = read_stage(files)
    if stage.seconds:
        say(f"  learners   {stage.statements:,} statements of a term sent in {stage.seconds:.0f} s; they go on")


def _wait_for_marts(files: Files, home: Home) -> None:
    """Until the term is in them; what the learners do since comes with the next refresh."""
    began, sent_at = time.monotonic(), datetime.fromtimestamp(files.sent.stat().st_mtime, UTC)
    with Progress(TextColumn("  [bold]marts[/]      {task.description}"), TimeElapsedColumn(), console=out,
                  transient=True) as progress:  # fmt: skip
        progress.add_task("dbt makes them from the statements and the LMS's tables")
        while (as_of := read_status(settings()).as_of) is None or as_of < sent_at:
            if time.monotonic() - began > MARTS_PATIENCE:
                raise UserError(
                    "The marts are not filled.", f"See {home.log('dagster-daemon')}, or try `lyceum marts refresh`."
                )
            _require_running(home)
            time.sleep(1)
    say(f"  marts      as of {as_of:%Y-%m-%d %H:%M:%S} UTC, waited for {time.monotonic() - began:.0f} s")


def _say_where_to_go(home: Home, logins: Logins) -> None:
    current = settings()
    say("")
    print_facts(
        {
            "start page": f"{current.public_url}/",
            "LRS": f"{current.public_url}/xAPI",
            "dashboards": dashboards_address(current),
            "  instructor": logins.instructor,
            "  admin": logins.admin,
            "  operator": logins.operator,
            "  password": logins.password,
            "Dagster": f"http://127.0.0.1:{current.dagster.port}",
            "schools": ", ".join(SCHOOLS),
            "their keys": Files(home.demo).credentials,
            "other logins": f"{home.endpoints_file} and {home.secrets_file}",
        }
    )


def _say_what_to_try(home: Home, logins: Logins) -> None:
    say("")
    say("Three things to try (the commands are in .venv/bin):")
    say("")
    say("1. Open the dashboard of a course, as the instructor:")
    say(f"   {dashboards_address(settings())}/superset/dashboard/{DASHBOARD}/")
    say("")
    say(f"2. Send a statement, and see it arrive. {_example(home, logins)}")
    say("   Or watch one on its whole way to the chart: lyceum demo tour")
    say("")
    say("3. Open a notebook in VS Code or JupyterLab; `make dev` installs its kernel, .venv/bin/python:")
    say(f"   lyceum lake export --tenant {SCHOOL}")
    say(f"   notebooks/2-duckdb-on-the-lake.ipynb, whose catalogue is {home.folder}/lake/{SCHOOL}/catalogue.duckdb")
    say("")
    say("Also: lyceum status · lyceum marts status · lyceum --help. Stop: lyceum down")


def _example(home: Home, logins: Logins) -> str:
    """Of few learners, none may have anything left to do."""
    with admin_connection() as connection:
        example = find_example(connection, logins.instructor)
    if example is None:
        return "docs/lrs.md says how."
    credential, endpoint = read_credential(home), f"{settings().public_url}/xAPI"
    return (
        f"{example.learner} completes “{example.lesson}” of “{example.course}”:\n"
        f"   {curl(example.statement(), credential, endpoint)}\n"
        f"   lyceum sql --tenant {SCHOOL} --command \"{NEWEST_OF} = 'mailto:{example.email}' order by 1 desc limit 1\""
    )
