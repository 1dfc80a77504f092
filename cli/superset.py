"""`lyceum superset`: Superset's own processes, with Lyceum's settings."""

import typer

from cli.context import Environment, settings

app = typer.Typer(
    help="Superset, where people look at dashboards; `lyceum up` runs it.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("setup")
def set_up() -> None:
    """Bring Superset's own tables, roles, rights and dashboards to the present. Safe to repeat.

    Example: `lyceum superset setup`
    """
    from dashboards.launch import run_setup  # noqa: PLC0415 - other commands need none of it
    from dashboards.publish import write_bundle  # noqa: PLC0415

    write_bundle(settings())
    run_setup(settings(), Environment.variables)


@app.command("web")
def serve_pages(port: int | None = typer.Option(None, help="Where the pages are.")) -> None:
    """Serve the pages.

    Example: `lyceum superset web --port 8402`
    """
    from dashboards.launch import run_web  # noqa: PLC0415 - other commands need none of it

    run_web(settings(), Environment.variables, port)
