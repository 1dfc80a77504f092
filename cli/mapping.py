"""`lyceum unmapped` and `lyceum map`."""

import csv
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import typer
from psycopg import connect

from cli.context import JSON_OPTION, admin_connection, print_json, print_table, say, settings
from core.database.address import role_conninfo
from core.errors import UserError
from core.lms.aliases import NOTHING, Alias, keep_aliases
from core.lms.unmapped import list_unmapped
from core.tenants import find_tenant

unmapped_app = typer.Typer(
    help="What statements name that nothing of the LMS is known for.", no_args_is_help=True, add_completion=False
)
map_app = typer.Typer(
    help="Say what an activity, a learner or a verb is. The past is counted anew.",
    no_args_is_help=True,
    add_completion=False,
)

TENANT = typer.Option(..., "--tenant", help="The tenant's slug.", metavar="SLUG")
CSV = typer.Option(None, "--csv", help="A file of two columns without a header, instead of the arguments.")


class Kind(StrEnum):
    ACTIVITY = "activity"
    LEARNER = "learner"
    VERB = "verb"


@unmapped_app.callback()
def unmapped() -> None:
    """What statements name that nothing of the LMS is known for."""


@unmapped_app.command("list")
def show_unmapped(
    tenant: str = TENANT,
    kind: Kind = typer.Option(Kind.ACTIVITY, help="Of activities, learners, or verbs."),
    days: int = typer.Option(30, min=1, help="Of the statements stored since so many days."),
    limit: int = typer.Option(50, min=1),
    as_json: bool = JSON_OPTION,
) -> None:
    """List activities, learners or verbs that are not mapped, the most frequent first, each with an example.

    Example: `lyceum unmapped list --tenant school --kind learner`
    """
    with admin_connection() as connection:
        tenant_id = find_tenant(connection, tenant).tenant_id
    since = datetime.now(UTC) - timedelta(days=days)
    with connect(role_conninfo(settings().database, "lyceum_ingest")) as connection:
        found = list_unmapped(connection, kind.value, tenant_id, since, limit)
    if as_json:
        print_json(found)
        return
    rows = [[f"{one.statements:,}", one.named, one.note, one.example] for one in found]
    print_table(["statements", kind.value, "", "example"], rows, f"Every {kind.value} of {days} days is mapped.")


@map_app.command("learner")
def map_learner(
    agent: str | None = typer.Argument(None, help="mailto:…, the SHA-1 of one, an OpenID, or an agent's JSON."),
    user: str | None = typer.Argument(None, help=f"The user's id, or {NOTHING} to take the mapping back."),
    tenant: str = TENANT,
    file: Path | None = CSV,
) -> None:
    """Say which user an agent is.

    Example: `lyceum map learner mailto:ada@home.example user-7 --tenant school`
    """
    _map(Kind.LEARNER, tenant, agent, user, file)


@map_app.command("activity")
def map_activity(
    iri: str | None = typer.Argument(None, help="The activity's id."),
    target: str | None = typer.Argument(None, help=f"course:ID, lesson:ID or assessment:ID, or {NOTHING}."),
    tenant: str = TENANT,
    file: Path | None = CSV,
) -> None:
    """Say which course, lesson or assessment an activity is.

    Example: `lyceum map activity https://h5p.example/12 lesson:sets --tenant school`
    """
    _map(Kind.ACTIVITY, tenant, iri, target, file)


@map_app.command("verb")
def map_verb(
    iri: str | None = typer.Argument(None, help="The verb's id."),
    kind: str | None = typer.Argument(None, help=f"completed, viewed, …, or {NOTHING}."),
    tenant: str = TENANT,
    file: Path | None = CSV,
) -> None:
    """Say what kind of verb it is.

    Example: `lyceum map verb https://game.example/verbs/won completed --tenant school`
    """
    _map(Kind.VERB, tenant, iri, kind, file)


def _map(kind: Kind, slug: str, named: str | None, target: str | None, file: Path | None) -> None:
    aliases = _read(file) if file is not None else _given(named, target)
    with admin_connection() as connection:
        tenant = find_tenant(connection, slug)
        changed = keep_aliases(connection, tenant, kind.value, aliases)
    say(f"{changed} of {len(aliases)} mapped anew." if changed else "Nothing to do: mapped like that already.")


def _given(named: str | None, target: str | None) -> list[Alias]:
    if named is None or target is None:
        raise UserError("What is to be mapped, and to what?", "Give both, or a file with --csv.")
    return [Alias(named, target)]


def _read(path: Path) -> list[Alias]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}.", "Give a CSV file in UTF-8.") from error
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) != 2), None)
    if wrong is not None:
        raise UserError(f"{path}, row {wrong} does not have two columns.", "Nothing was mapped. Mend the file.")
    return [Alias(*row) for row in rows]
