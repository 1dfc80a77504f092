"""`lyceum tenants`."""

import json
from typing import Any
from uuid import UUID

import typer

from cli.context import JSON_OPTION, admin_connection, print_facts, print_json, print_table, say, settings
from core import tenants
from core.errors import UserError
from core.secrets import SecretKey
from core.tenants import NewTenant, Pattern, Tenant

app = typer.Typer(
    help="Tenants: who shares this installation, apart from each other.", no_args_is_help=True, add_completion=False
)

SLUG = typer.Argument(help="The tenant's short name, as in addresses.", metavar="SLUG")
HOME_PAGE = typer.Option([], "--home-page", help="An account homePage that is this tenant's. Repeatable.")
PATTERN = typer.Option(
    [],
    "--pattern",
    help="course|lesson|assessment:id|slug|external_id:REGEX with a group named key. Repeatable.",
)
ORIGIN = typer.Option(
    [],
    "--allow-origin",
    help="https://host[:port] of a site whose pages may use the LRS from browsers, or *. Repeatable.",
)
SETTINGS = typer.Option(None, "--settings", help="A JSON object.")


@app.command("create")
def create(
    slug: str = SLUG,
    name: str = typer.Option(..., help="The name people know."),
    plan: str = typer.Option("standard"),
    time_zone: str = typer.Option("UTC", help="Decides where its days begin."),
    tenant_settings: str | None = SETTINGS,
    home_page: list[str] = HOME_PAGE,
    pattern: list[str] = PATTERN,
    allow_origin: list[str] = ORIGIN,
    uuid: UUID | None = typer.Option(None, help="Of a tenant that is made again, so that its statements find it."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Make a tenant and its reader, the database login that sees only its rows.

    Example: `lyceum tenants create school --name "Riverside School" --time-zone Europe/Berlin
    --home-page https://lms.riverside.example --pattern 'course:slug:^https://lms.riverside.example/c/(?<key>[^/]+)$'`
    """
    wanted = tenants.with_origins(_object(tenant_settings) or {}, allow_origin) if allow_origin else None
    patterns = [Pattern.parse(text) for text in pattern]
    new = NewTenant(slug, name, plan, time_zone, wanted or _object(tenant_settings), home_page, patterns, uuid)
    with admin_connection() as connection:
        tenant = tenants.create_tenant(connection, new, SecretKey(settings().secret_key))
    _print_tenant(tenant, as_json)
    if not as_json:
        say(f"Next: `lyceum credentials create {slug} --name …` makes a key for its content.")


@app.command("update")
def update(
    slug: str = SLUG,
    name: str | None = typer.Option(None),
    plan: str | None = typer.Option(None),
    time_zone: str | None = typer.Option(None),
    tenant_settings: str | None = SETTINGS,
    home_page: list[str] = HOME_PAGE,
    pattern: list[str] = PATTERN,
    allow_origin: list[str] = ORIGIN,
    retention_days: int | None = typer.Option(
        None, min=0, help="Delete statements this many days after they were stored; 0: keep them."
    ),
    as_json: bool = JSON_OPTION,
) -> None:
    """Change what is given; home pages, patterns and allowed origins are added. `--settings` replaces all settings.

    Example: `lyceum tenants update school --time-zone Europe/Vienna --allow-origin https://lms.riverside.example`
    """
    given: dict[str, Any] = {"name": name, "plan": plan, "time_zone": time_zone, "settings": _object(tenant_settings)}
    changes = {column: value for column, value in given.items() if value is not None}
    with admin_connection() as connection:
        if allow_origin:
            present = changes.get("settings", tenants.find_tenant(connection, slug).settings)
            changes["settings"] = tenants.with_origins(present, allow_origin)
        if retention_days is not None:
            present = changes.get("settings", tenants.find_tenant(connection, slug).settings)
            changes["settings"] = tenants.with_retention(present, retention_days)
        tenant = tenants.update_tenant(connection, slug, changes, home_page, [Pattern.parse(text) for text in pattern])
    _print_tenant(tenant, as_json)


@app.command("list")
def show_all(as_json: bool = JSON_OPTION) -> None:
    """List the tenants.

    Example: `lyceum tenants list --json | jq -r '.[].slug'`
    """
    with admin_connection() as connection:
        found = tenants.list_tenants(connection)
    if as_json:
        print_json(found)
        return
    rows = [[t.slug, t.name, t.plan, t.time_zone, "active" if t.is_active else "disabled"] for t in found]
    print_table(["slug", "name", "plan", "time zone", "state"], rows, "No tenants yet: `lyceum tenants create --help`.")


@app.command("show")
def show(slug: str = SLUG, as_json: bool = JSON_OPTION) -> None:
    """Show one tenant with its home pages, patterns and reader.

    Example: `lyceum tenants show school`
    """
    with admin_connection() as connection:
        tenant = tenants.find_tenant(connection, slug)
    _print_tenant(tenant, as_json)


@app.command("disable")
def disable(slug: str = SLUG, as_json: bool = JSON_OPTION) -> None:
    """Refuse the tenant's credentials and end its reader's sessions. Nothing is deleted.

    Example: `lyceum tenants disable school`
    """
    with admin_connection() as connection:
        tenant = tenants.set_tenant_active(connection, slug, is_active=False)
    _print_tenant(tenant, as_json)


@app.command("enable")
def enable(slug: str = SLUG, as_json: bool = JSON_OPTION) -> None:
    """Let a disabled tenant in again.

    Example: `lyceum tenants enable school`
    """
    with admin_connection() as connection:
        tenant = tenants.set_tenant_active(connection, slug, is_active=True)
    _print_tenant(tenant, as_json)


def _print_tenant(tenant: Tenant, as_json: bool) -> None:
    if as_json:
        print_json(tenant)
        return
    print_facts(
        {
            "slug": tenant.slug,
            "name": tenant.name,
            "plan": tenant.plan,
            "time zone": tenant.time_zone,
            "state": "active" if tenant.is_active else "disabled",
            "uuid": tenant.tenant_uuid,
            "created": tenant.created_at.isoformat(timespec="seconds"),
            "reader": tenant.reader,
            "home pages": ", ".join(tenant.home_pages),
            "patterns": ", ".join(f"{p['names']}:{p['key_is']}:{p['pattern']}" for p in tenant.patterns),
            "settings": json.dumps(tenant.settings),
        }
    )


def _object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"--settings is not JSON: {error}.", "Give an object such as '{\"key\": 1}'.") from error
    if not isinstance(value, dict):
        raise UserError("--settings is not a JSON object.", "Give an object such as '{\"key\": 1}'.")
    return value
