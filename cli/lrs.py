"""`lyceum lrs`."""

import typer

from cli.context import loaded_settings
from core.logs import configure_logs
from lrs.serve import serve

app = typer.Typer(help="The Learning Record Store.", no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """Keeps `serve` a command of its own."""


@app.command("serve")
def run() -> None:
    """Serve xAPI over HTTP until stopped; what was accepted is finished first.

    Example: `lyceum lrs serve` · `LYCEUM_LRS_PORT=8080 LYCEUM_LRS_WORKERS=2 lyceum lrs serve`
    """
    settings = loaded_settings().settings
    configure_logs(settings.log)
    serve(settings)
