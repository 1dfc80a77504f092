"""`lyceum credentials`."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import typer

from cli.context import JSON_OPTION, admin_connection, print_facts, print_json, print_table, say, settings
from core import credentials
from core.credentials import DEFAULT_SCOPES, SCOPES, Credential, IssuedCredential, NewCredential
from core.errors import UserError
from core.secrets import SecretKey

app = typer.Typer(
    help="Credentials: the keys that content and tools send statements with.",
    no_args_is_help=True,
    add_completion=False,
)

TENANT = typer.Argument(help="The tenant's slug.", metavar="TENANT")
NAME = typer.Argument(help="The credential's name or key.", metavar="NAME")


@app.command("create")
def create(
    tenant: str = TENANT,
    name: str = typer.Option(..., help="What it is for: 'H5P on the website'."),
    scope: list[str] = typer.Option(list(DEFAULT_SCOPES), help=f"Repeatable: {', '.join(SCOPES)}."),
    authority: str | None = typer.Option(None, help="The agent that vouches for its statements, as JSON."),
    actor: str | None = typer.Option(None, help="Bind it to this agent (JSON): for keys that learners can see."),
    registration: UUID | None = typer.Option(None, help="Bind it to this registration, too."),
    expires: str | None = typer.Option(None, help="A date such as 2027-01-31, or 90d, 12h."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Make a key and its secret. The secret is shown once: only a hash is kept.

    Example: `lyceum credentials create school --name "Storyline course 7" --expires 365d`
    """
    new = NewCredential(
        name, scope, _agent("--authority", authority), _agent("--actor", actor), registration, _moment(expires)
    )
    current = settings()
    with admin_connection() as connection:
        issued = credentials.create_credential(
            connection, tenant, new, SecretKey(current.secret_key), current.public_url
        )
    _print_issued(issued, as_json)


@app.command("list")
def show_all(tenant: str = TENANT, as_json: bool = JSON_OPTION) -> None:
    """List a tenant's credentials, without secrets.

    Example: `lyceum credentials list school`
    """
    with admin_connection() as connection:
        found = credentials.list_credentials(connection, tenant)
    if as_json:
        print_json(found)
        return
    rows = [[c.name, c.key_id, ", ".join(c.scopes), _state(c)] for c in found]
    print_table(["name", "key", "scopes", "state"], rows, "None yet: `lyceum credentials create --help`.")


@app.command("revoke")
def revoke(tenant: str = TENANT, name: str = NAME, as_json: bool = JSON_OPTION) -> None:
    """End a credential for good.

    Example: `lyceum credentials revoke school "Storyline course 7"`
    """
    with admin_connection() as connection:
        found = credentials.revoke_credential(connection, tenant, name)
    if as_json:
        print_json(found)
    else:
        say(f"Revoked {found.key_id}. The doors refuse it within 5 seconds.")


@app.command("rotate")
def rotate(tenant: str = TENANT, name: str = NAME, as_json: bool = JSON_OPTION) -> None:
    """Give a credential a new secret. The old one ends at once.

    Example: `lyceum credentials rotate school "Storyline course 7"`
    """
    with admin_connection() as connection:
        issued = credentials.rotate_credential(connection, tenant, name, SecretKey(settings().secret_key))
    _print_issued(issued, as_json)


def _print_issued(issued: IssuedCredential, as_json: bool) -> None:
    if as_json:
        print_json({"key": issued.credential.key_id, "secret": issued.secret, "name": issued.credential.name})
        return
    print_facts({"key": issued.credential.key_id, "secret": issued.secret})
    say("Keep the secret now: it is not shown again.")


def _state(credential: Credential) -> str:
    if credential.revoked_at:
        return f"revoked {credential.revoked_at:%Y-%m-%d}"
    if credential.expires_at:
        verb = "expired" if credential.expires_at < datetime.now(UTC) else "expires"
        return f"{verb} {credential.expires_at:%Y-%m-%d}"
    return "in force"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    if span := re.fullmatch(r"(\d{1,5})([dh])", text):
        count = int(span[1])
        return datetime.now(UTC) + (timedelta(days=count) if span[2] == "d" else timedelta(hours=count))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"--expires {text!r} is no date.", "Give 2027-01-31, or a span such as 90d or 12h.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _agent(option: str, text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{option} is not JSON: {error}.", """Give '{"mbox": "mailto:…"}'.""") from error
    if not isinstance(value, dict):
        raise UserError(f"{option} is not an agent.", """Give '{"mbox": "mailto:…"}'.""")
    return value
