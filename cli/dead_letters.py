"""`lyceum dead-letters`."""

import base64
from typing import Any

import typer
from psycopg import connect

from cli.context import JSON_OPTION, print_facts, print_json, print_table, say, settings
from core.database.address import role_conninfo
from core.errors import UserError

app = typer.Typer(help="What could not be read or stored, with its reason.", no_args_is_help=True, add_completion=False)

IDS = typer.Argument(None, help="Their numbers, as `list` shows them.", metavar="[NUMBER]…")
REASON = typer.Option(None, "--reason", help="unreadable, unknown_tenant, invalid, conflict or refused.")
TENANT = typer.Option(None, "--tenant", help="The tenant's slug.")
MOST = 100_000


@app.command("list")
def show_all(
    reason: str | None = REASON,
    tenant: str | None = TENANT,
    settled: bool = typer.Option(False, "--settled", help="Also those that were retried or discarded."),
    limit: int = typer.Option(50, help="How many, the newest first."),
    as_json: bool = JSON_OPTION,
) -> None:
    """List them, the newest first.

    Example: `lyceum dead-letters list --reason conflict --tenant school`
    """
    from ingest.settling import Choice, list_letters  # noqa: PLC0415 - the client of Kafka takes a while to load

    with _connected() as connection:
        found = list_letters(connection, Choice(None, reason, tenant, settled, limit))
    if as_json:
        print_json(found)
        return
    rows = [
        [one["dead_letter_id"], one["created_at"].isoformat(timespec="seconds"), one["tenant"], one["reason"],
         one["settlement"] or "open", one["detail"][:100]]
        for one in found
    ]  # fmt: skip
    print_table(["number", "since", "tenant", "reason", "state", "detail"], rows, "None.")


@app.command("show")
def show(number: int = typer.Argument(help="As `list` shows it."), as_json: bool = JSON_OPTION) -> None:
    """Show one with all that is known of it, and its bytes.

    Example: `lyceum dead-letters show 17`
    """
    from ingest.settling import show_letter  # noqa: PLC0415

    with _connected() as connection:
        letter, payload = show_letter(connection, number)
    if as_json:
        print_json({**letter, "payload": base64.b64encode(payload).decode()})
        return
    print_facts(letter)
    say("")
    say(payload.decode(errors="backslashreplace"))


@app.command("retry")
def retry(
    ids: list[int] | None = IDS, reason: str | None = REASON, tenant: str | None = TENANT, as_json: bool = JSON_OPTION
) -> None:
    """Send them to their topic again; what fails again comes back under another number.

    Example: `lyceum dead-letters retry --reason unknown_tenant`
    """
    from ingest.settling import retry_letters  # noqa: PLC0415

    with _connected() as connection:
        chosen = _chosen(connection, ids, reason, tenant)
        count = retry_letters(connection, settings(), chosen)
    _say_count("sent again", count, as_json)


@app.command("discard")
def discard(
    ids: list[int] | None = IDS, reason: str | None = REASON, tenant: str | None = TENANT, as_json: bool = JSON_OPTION
) -> None:
    """Give them up: they stay in the table and the topic, and count no more.

    Example: `lyceum dead-letters discard 17 18`
    """
    from ingest.settling import settle_letters  # noqa: PLC0415

    with _connected() as connection:
        count = settle_letters(connection, _chosen(connection, ids, reason, tenant), "discarded")
    _say_count("discarded", count, as_json)


def _chosen(connection: Any, ids: list[int] | None, reason: str | None, tenant: str | None) -> list[int]:
    from ingest.settling import Choice, list_letters  # noqa: PLC0415

    if not (ids or reason or tenant):
        raise UserError("Which ones?", "Give their numbers, --reason or --tenant.")
    found = list_letters(connection, Choice(ids or None, reason, tenant, limit=MOST))
    return sorted(one["dead_letter_id"] for one in found)


def _say_count(what: str, count: int, as_json: bool) -> None:
    if as_json:
        print_json({what.replace(" ", "_"): count})
    else:
        say(f"{count} {what}.")


def _connected() -> Any:
    return connect(role_conninfo(settings().database, "lyceum_ingest"), autocommit=True)
