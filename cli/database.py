"""`lyceum migrate`."""

import typer

from cli.context import JSON_OPTION, print_json, say, settings
from core.database.migrate import migrate, pending_migrations


def migrate_database(
    check: bool = typer.Option(False, "--check", help="Change nothing; exit 3 when a migration is needed."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Bring the database to the present schema. Safe to repeat, and when two run at once.

    Example: `lyceum migrate` · `lyceum migrate --check && echo up to date`
    """
    if check:
        _check(as_json)
        return
    report = migrate(settings().database)
    if as_json:
        print_json(report)
        return
    say(f"{report.edition.name} {report.edition.server_version // 10000}: {report.edition.consequence}.")
    for role in report.roles_made:
        say(f"made role {role}")
    for revision in report.applied:
        say(f"applied {revision}")
    if report.partitions_made:
        say(f"made {report.partitions_made} monthly partitions")
    if not report.changed:
        say("Nothing to do: the database is up to date.")


def _check(as_json: bool) -> None:
    pending = pending_migrations(settings().database)
    if as_json:
        print_json({"pending": pending})
    elif pending:
        say(f"Needed: {len(pending)} migrations, {pending[0]} to {pending[-1]}. Run `lyceum migrate`.")
    else:
        say("The database is up to date.")
    if pending:
        raise typer.Exit(3)
