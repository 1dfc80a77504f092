"""`lyceum up`, `down`, `status` and `logs`: everything on one machine."""

import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from cli.context import JSON_OPTION, loaded_settings, out, print_json, settings
from cli.progress import Progress
from core.errors import UserError
from core.logs import configure_logs
from local.detach import RefusedError, detach
from local.follow import follow
from local.home import Home
from local.logfile import last_lines
from local.memory import proportional_bytes
from local.start import supervise
from local.state import ProcessState, State, read_state
from local.stop import clean, stop

NOT_READY = 1
NOT_RUNNING = 3
LINES_OF_A_FAILURE = 20


def up(
    detached: Annotated[bool, typer.Option("--detach", "-d", help="Return when everything is ready.")] = False,
    only: Annotated[str, typer.Option(help="Start these only, e.g. `database,kafka`.")] = "",
    until_exit_of: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Start everything on this machine and keep it running, until Ctrl-C or `lyceum down`.

    Example: lyceum up --detach
    """
    loaded = loaded_settings()
    home = Home(loaded.settings.home)
    progress = Progress(out, home)
    if detached:
        options = ["--only", only, *(["--until-exit-of", str(until_exit_of)] if until_exit_of else [])]
        is_up = _detach(home, options, progress)
    else:
        configure_logs(loaded.settings.log)
        names = frozenset(name.strip() for name in only.split(",") if name.strip())
        is_up = supervise(loaded, names, until_exit_of, progress.show)
    if not is_up:
        _show_failures(home)
        raise typer.Exit(NOT_READY)


def down() -> None:
    """Stop what `lyceum up` started, in order, and whatever it left.

    Example: lyceum down
    """
    began = time.monotonic()
    stopped = stop(_home())
    typer.echo(f"Stopped in {time.monotonic() - began:.1f} s." if stopped else "Not running.")


def status(
    as_json: bool = JSON_OPTION,
) -> None:
    """Show each process: state, port, uptime, memory (shared pages counted once) and restarts.

    Exit code 0: all are ready; 1: some are not; 3: not running.

    Example: lyceum status --json
    """
    home = _home()
    state = _running_state(home)
    if state is None:
        typer.echo("[]" if as_json else "Not running. Start it with `lyceum up`.")
        raise typer.Exit(NOT_RUNNING)
    rows = [_row(process) for process in state.processes]
    if as_json:
        print_json(rows)
    else:
        out.print(_table(rows))
    if not state.is_up:
        raise typer.Exit(NOT_READY)


def logs(
    name: Annotated[str, typer.Argument(help="A process, as `lyceum status` names it, or `supervisor`.")],
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
) -> None:
    """Show the log of a process.

    Example: lyceum logs -f kafka
    """
    log = _home().log(name)
    if not log.exists():
        there = sorted(path.stem for path in log.parent.glob("*.log"))
        raise UserError(f"There is no log of {name!r} in {log.parent}.", f"There are: {', '.join(there) or 'none'}.")
    for line in last_lines(log, lines):
        typer.echo(line)
    if following:
        for text in follow(log):
            typer.echo(text, nl=False)


def _detach(home: Home, options: list[str], progress: Progress) -> bool:
    try:
        return detach(home, options, progress.show)
    except RefusedError as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(NOT_READY) from refusal


def _home() -> Home:
    return Home(settings().home)


def _running_state(home: Home) -> State | None:
    if home.holder() is None:
        clean(home)
        return None
    return read_state(home.state_file)


def _row(process: ProcessState) -> dict[str, object]:
    return asdict(process) | {
        "uptime": round(time.time() - process.started_at) if process.pid and process.started_at else None,
        "memory": proportional_bytes(process.pid) if process.pid else None,
    }


def _table(rows: list[dict[str, object]]) -> Table:
    table = Table("process", "state", "port", "uptime", "memory", "restarts", "last error", box=None)
    for row in rows:
        memory = f"{row['memory'] >> 20} MiB" if isinstance(row["memory"], int) else ""
        uptime = f"{row['uptime']} s" if row["uptime"] is not None else ""
        cells = (row["name"], row["phase"], row["port"] or "", uptime, memory, row["restarts"], row["error"] or "")
        table.add_row(*(str(cell) for cell in cells))
    return table


def _show_failures(home: Home) -> None:
    state = read_state(home.state_file)
    for process in state.failed if state else []:
        typer.echo(f"{process.name} could not be started: {process.error}", err=True)
        for line in last_lines(home.log(process.name), LINES_OF_A_FAILURE):
            typer.echo(f"  {line}", err=True)
