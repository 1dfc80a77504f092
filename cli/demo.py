"""`lyceum demo`: everything up on this machine, with three schools to look at."""

import secrets
import signal
import threading
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.context import admin_connection, out, print_facts, say, settings
from cli.up import up
from core.database.address import describe
from core.errors import UserError
from core.people import NewPerson, create_person, give_password, list_people, sync_people
from core.secrets import SecretKey
from local.home import Home
from local.state import read_state
from local.stop import stop
from simulator.demo import STATEMENTS, Files, begin_demo, play_demo, read_stage

SAMPLE = "select title, enrolled, completion_rate from mart_course_completion join dim_course using (course_id)"
LOOK_EVERY = 0.2
SCHOOLS = ("riverside", "lakeside", "hillcrest")
PATIENCE = 60.0
MARTS_PATIENCE = 600.0
PLAY = typer.Option("--play", hidden=True)
MOST = typer.Option("--statements", min=1000, help="About how many, the first time.")


def demo(statements: Annotated[int, MOST] = STATEMENTS, play: Annotated[bool, PLAY] = False) -> None:
    """Start everything in the background with three simulated schools, whose learners go on. Safe to repeat.

    Example: `lyceum demo`
    """
    home = Home(settings().home)
    if play:
        _play(Files(home.demo))
        return
    home.create()
    files = begin_demo(home.demo, statements, datetime.now(UTC).date())
    _start(home)
    _wait(files, home)
    _wait_for_marts(home)
    _say_where_to_go(files, _logins(home))


def _logins(home: Home) -> dict[str, str]:
    """Of somebody for each role, with one password that is generated once."""
    kept = home.demo / "password.txt"
    if not kept.exists():
        kept.touch(0o600)
        kept.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    password = kept.read_text(encoding="utf-8")
    with admin_connection() as connection:
        for school in SCHOOLS:
            sync_people(connection, school)
        names = {one.role: one.user_name for one in reversed(list_people(connection, SCHOOLS[0]))}
        if all(one.role != "operator" for one in list_people(connection)):
            create_person(connection, None, NewPerson("operator", "Olga Operator"))
        logins = {"instructor": names["instructor"], "admin": names["admin"], "operator": "operator"}
        for name in logins.values():
            give_password(connection, name, password)
    return {**logins, "password": password}


def _start(home: Home) -> None:
    state = read_state(home.state_file) if home.holder() is not None else None
    if state is not None and any(process.name == "learners" for process in state.processes):
        return
    if home.holder() is not None:
        # Started without them.
        stop(home)
    up(detached=True)


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
            progress.update(task, total=stage.of or None, completed=stage.statements)
            time.sleep(LOOK_EVERY)
            stage = read_stage(files)
    if stage.seconds:
        say(f"  learners   {stage.statements:,} statements of a term sent in {stage.seconds:.0f} s; they go on")


def _wait_for_marts(home: Home) -> None:
    """Until what was sent so far is in them; what the learners do meanwhile comes with the next refresh."""
    from orchestration.status import read_status  # noqa: PLC0415 - dbt takes a while to load

    began, sent_at = time.monotonic(), datetime.now(UTC)
    with Progress(TextColumn("  [bold]marts[/]      {task.description}"), TimeElapsedColumn(), console=out,
                  transient=True) as progress:  # fmt: skip
        progress.add_task("dbt makes them from the statements and the LMS's tables")
        while (as_of := read_status(settings()).as_of) is None or as_of < sent_at:
            if time.monotonic() - began > MARTS_PATIENCE:
                raise UserError(
                    "The marts are not filled.", f"See {home.log('dagster-daemon')}, or try `lyceum marts refresh`."
                )
            time.sleep(1)
    say(f"  marts      filled in {time.monotonic() - began:.0f} s")


def _say_where_to_go(files: Files, logins: dict[str, str]) -> None:
    current = settings()
    database = current.database.url
    say("")
    print_facts(
        {
            "database": describe(database.get_secret_value()) if database else None,
            "Kafka": current.kafka.bootstrap,
            "LRS": f"{current.public_url}/xAPI",
            "Superset": current.superset.url or f"http://127.0.0.1:{current.superset.port}",
            **{f"  as {role}": name for role, name in logins.items() if role != "password"},
            "  password": logins["password"],
            "Dagster": f"http://127.0.0.1:{current.dagster.port}",
            "schools": ", ".join(SCHOOLS),
            "their keys": files.credentials,
            "other logins": f"{current.home}/run/endpoints.toml and {current.home}/secrets.toml",
        }
    )
    say("")
    say("Look first: as the instructor at Course overview, choose a course; then at Learners, who needs help and why.")
    say("As the admin: Tenant overview and Compliance. As the operator: Pipeline health.")
    say("")
    say("Try, in .venv/bin:")
    say("  lyceum status · lyceum marts status · lyceum unmapped list --tenant riverside")
    say(f'  lyceum sql --tenant riverside --command "{SAMPLE}"')
    say("Stop: lyceum down")
