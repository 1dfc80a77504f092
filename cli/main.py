"""Assembles the commands, and turns a person's mistake into a sentence and an exit code."""

import os
import sys

import typer
from rich.markup import escape

from cli import credentials, database, doctor, settings, tenants
from cli.context import Environment, problems
from core.errors import UserError

EXIT_CODES = """
Exit codes: 0 done · 1 refused: the message says why and what to do · 2 wrong usage · 3 not running, or something is
left to do (`status`, `migrate --check`, `doctor`) · 4 a server cannot be reached · 130 interrupted.
"""

app = typer.Typer(
    help="Lyceum: xAPI statements through Kafka into TimescaleDB, marts and dashboards.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("migrate")(database.migrate_database)
app.command("doctor")(doctor.examine)
app.command("settings")(settings.show_settings)
app.add_typer(tenants.app, name="tenants")
app.add_typer(credentials.app, name="credentials")


class Debug:
    enabled = False


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    Debug.enabled = debug


def main() -> None:
    Environment.variables = dict(os.environ)
    try:
        app(standalone_mode=True)
    except UserError as error:
        if Debug.enabled:
            raise
        problems.print(f"[bold red]Error:[/bold red] {escape(error.message)}", soft_wrap=True)
        if error.remedy:
            problems.print(escape(error.remedy), soft_wrap=True)
        sys.exit(error.exit_code)
