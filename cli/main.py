"""Assembles the commands, and turns a person's mistake into a sentence and an exit code."""

import os
import sys
from importlib import import_module
from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from cli.context import Environment, problems
from core.errors import UserError

EXIT_CODES = """
Exit codes: 0 done · 1 refused, or not ready: the message says why and what to do · 2 wrong usage · 3 not running, or
something is left to do (`status`, `migrate --check`, `doctor`) · 4 a server cannot be reached · 130 interrupted.
"""

# Each command's module is imported when it is asked for: all of them together take over a second.
COMMANDS = {
    "demo": "cli.demo:app",
    "up": "cli.up:up",
    "down": "cli.up:down",
    "status": "cli.up:status",
    "logs": "cli.up:logs",
    "migrate": "cli.database:migrate_database",
    "tenants": "cli.tenants:app",
    "credentials": "cli.credentials:app",
    "analysts": "cli.analysts:app",
    "people": "cli.people:app",
    "sql": "cli.sql:sql",
    "lake": "cli.lake:app",
    "statements": "cli.statements:app",
    "lms": "cli.lms:app",
    "lrs": "cli.lrs:app",
    "topics": "cli.topics:app",
    "ingest": "cli.ingest:app",
    "dagster": "cli.dagster:app",
    "superset": "cli.superset:app",
    "dashboards": "cli.dashboards:app",
    "dead-letters": "cli.dead_letters:app",
    "simulate": "cli.simulate:simulate",
    "unmapped": "cli.mapping:unmapped_app",
    "map": "cli.mapping:map_app",
    "marts": "cli.marts:app",
    "backup": "cli.backup:backup",
    "restore": "cli.backup:restore",
    "doctor": "cli.doctor:examine",
    "settings": "cli.settings:show_settings",
}


class Commands(TyperGroup):
    # Any: Typer brings a Click of its own, whose types have no public name.
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        target = getattr(import_module(module), attribute)
        if not isinstance(target, typer.Typer):
            function, target = target, typer.Typer(add_completion=False, rich_markup_mode="markdown")
            target.command()(function)
        command = typer.main.get_command(target)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
    help="Lyceum: xAPI statements through Kafka into TimescaleDB, marts and dashboards.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error, and log more."),
) -> None:
    Environment.debug = debug


def main() -> None:
    Environment.variables = dict(os.environ)
    try:
        app()
    except UserError as error:
        if Environment.debug:
            raise
        problems.print(f"[bold red]Error:[/bold red] {escape(error.message)}", soft_wrap=True)
        if error.remedy:
            problems.print(escape(error.remedy), soft_wrap=True)
        sys.exit(error.exit_code)
