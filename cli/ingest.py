"""`lyceum ingest`."""

import typer

from cli.context import loaded_settings
from core.logs import configure_logs

app = typer.Typer(help="From Kafka into the database.", no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """Keeps `serve` a command of its own."""


@app.command("serve")
def run() -> None:
    """Write what the topics bring, until stopped. Several processes share the partitions.

    Example: `lyceum ingest serve`
    """
    from ingest.serve import serve  # noqa: PLC0415 - the client of Kafka takes a while to load

    settings = loaded_settings().settings
    configure_logs(settings.log)
    serve(settings)
