"""`lyceum dashboards`: what lies as YAML under dashboards/assets, and Superset."""

import typer

from cli.context import JSON_OPTION, Environment, print_json, say, settings

app = typer.Typer(
    help="The dashboards: YAML in dashboards/assets, published into Superset.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("publish")
def publish_dashboards(as_json: bool = JSON_OPTION) -> None:
    """Make Superset's dashboards what the files say. Safe to repeat: what is as it should be stays.

    Example: `lyceum dashboards publish`
    """
    from dashboards.publish import publish  # noqa: PLC0415 - other commands need none of it

    done = publish(settings(), Environment.variables)
    if as_json:
        print_json({"added": done.added, "changed": done.changed, "removed": done.removed})
        return
    for what, names in (("added", done.added), ("changed", done.changed), ("removed", done.removed)):
        for name in names:
            say(f"{what:<8} {name}")
    if not (done.added or done.changed or done.removed):
        say("Nothing has changed.")


@app.command("check")
def check_dashboards() -> None:
    """Say whether all that the files name is there. Needs neither Superset nor a database.

    Example: `lyceum dashboards check`
    """
    from dashboards.publish import checked  # noqa: PLC0415 - other commands need none of it
    from dashboards.reading import read_assets  # noqa: PLC0415

    assets = checked(read_assets())
    say(f"{len(assets.dashboards)} dashboards, {len(assets.charts)} charts and {len(assets.datasets)} datasets hold.")


@app.command("pull")
def pull_dashboards() -> None:
    """Bring what was edited in Superset into the files, and touch no others. Look at the difference, and commit it.

    Example: `lyceum dashboards pull`
    """
    from dashboards.pull import pull  # noqa: PLC0415 - other commands need none of it

    written = pull(settings(), Environment.variables)
    for name in written:
        say(f"written  dashboards/assets/{name}")
    if not written:
        say("The files say what Superset has.")
