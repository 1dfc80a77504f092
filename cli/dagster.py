"""`lyceum dagster`: Dagster's own processes, with Lyceum's settings."""

import os
import sys
from pathlib import Path

import typer

from cli.context import Environment, settings
from core.errors import UserError
from local.home import Home

app = typer.Typer(
    help="Dagster, which refreshes the marts and looks after the rest; `lyceum up` runs it.",
    no_args_is_help=True,
    add_completion=False,
)
CODE_PORT = typer.Option(..., help="Where the code is served.")


@app.command("code")
def serve_code(code_port: int = CODE_PORT) -> None:
    """Serve the definitions to the other two.

    Example: `lyceum dagster code --code-port 8402`
    """
    from orchestration.manifest import ensure_manifest  # noqa: PLC0415 - dbt takes a while to load

    ensure_manifest()
    _run("dagster", "api", "grpc", "-m", "orchestration.definitions", "-h", "127.0.0.1", "-p", str(code_port),
         "--location-name", "lyceum", code_port=code_port)  # fmt: skip


@app.command("daemon")
def run_daemon(code_port: int = CODE_PORT) -> None:
    """Run schedules, sensors and the queue of runs.

    Example: `lyceum dagster daemon --code-port 8402`
    """
    _run("dagster-daemon", "run", "-w", str(_folder() / "workspace.yaml"), code_port=code_port)


@app.command("web")
def serve_pages(code_port: int = CODE_PORT, port: int = typer.Option(8401, help="Where the pages are.")) -> None:
    """Serve the pages. They have no login of their own: they listen on this machine only, and answer nobody else's.

    Example: `lyceum dagster web --code-port 8402 --port 8401`
    """
    _run(Path(sys.executable).name, "-m", "orchestration.pages", "-w", str(_folder() / "workspace.yaml"),
         "-h", "127.0.0.1", "-p", str(port), code_port=code_port)  # fmt: skip


def _folder() -> Path:
    return Home(settings().home).folder / "dagster"


def _run(program: str, *arguments: str, code_port: int) -> None:
    """In this process's place, so that whoever started it stops the right one."""
    # Its storage takes a while to load.
    from orchestration.instance import STORAGE_VARIABLE, storage_url, write_home  # noqa: PLC0415

    write_home(_folder(), code_port)
    path = Path(sys.executable).parent / program
    if not path.exists():
        raise UserError(f"{program} is not installed.", "`make platform` installs it.")
    variables = {
        **Environment.variables,
        "DAGSTER_HOME": str(_folder()),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        STORAGE_VARIABLE: storage_url(settings()),
    }
    os.execve(path, [str(path), *arguments], variables)  # noqa: S606 - no shell, and our own program
