"""The `lyceum` command."""

import os
import sys
from typing import Annotated

import typer

from cli.up import down, logs, status, up
from core.errors import UserError
from core.settings import load_settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
for command in (up, down, status, logs):
    app.command()(command)


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001
) -> None:
    """A learning-data platform."""
    if context.invoked_subcommand:
        context.obj = load_settings(os.environ)


def main() -> None:
    try:
        app()
    except UserError as error:
        if "--debug" in sys.argv:
            raise
        sys.stderr.write(f"{error.message}\n{error.remedy}\n")
        sys.exit(error.exit_code)
