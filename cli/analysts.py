"""`lyceum analysts`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.context import JSON_OPTION, admin_connection, print_facts, print_json, print_table, say
from core import analysts
from core.analysts import Analyst, IssuedAnalyst, NewAnalyst
from core.database.address import describe

app = typer.Typer(
    help="Analysts: people who query one tenant's marts and statements with a database login of their own.",
    no_args_is_help=True,
    add_completion=False,
)

Tenant = Annotated[str, typer.Option(help="The tenant's slug.", metavar="SLUG")]
Name = Annotated[str, typer.Option(help="Whose login it is: 'Ada, institutional research'.")]


@app.command("create")
def create(
    tenant: Tenant,
    name: Name,
    expires: Annotated[int | None, typer.Option(min=1, max=3650, help="Days after which it ends.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=86_400, help="Seconds that a query may take.")] = 300,
    as_json: bool = JSON_OPTION,
) -> None:
    """Make a login that reads what the tenant's reader reads. The password is shown once: only a hash is kept.

    Example: `lyceum analysts create --tenant riverside --name "Ada" --expires 365`
    """
    expires_at = datetime.now(UTC) + timedelta(days=expires) if expires else None
    with admin_connection() as connection:
        issued = analysts.create_analyst(connection, tenant, NewAnalyst(name, expires_at, timedelta(seconds=limit)))
        address = describe(connection.info.dsn)
    _print_issued(issued, address, as_json)


@app.command("list")
def show_all(tenant: Tenant, as_json: bool = JSON_OPTION) -> None:
    """List a tenant's analysts.

    Example: `lyceum analysts list --tenant riverside`
    """
    with admin_connection() as connection:
        found = analysts.list_analysts(connection, tenant)
    if as_json:
        print_json(found)
        return
    rows = [[a.name, a.role_name, f"{a.transaction_limit.total_seconds():.0f} s", a.state] for a in found]
    print_table(["name", "login", "limit", "state"], rows, "None yet: `lyceum analysts create --help`.")


@app.command("disable")
def disable(
    tenant: Tenant,
    name: Annotated[str, typer.Option(help="The analyst's name or login.")],
    as_json: bool = JSON_OPTION,
) -> None:
    """End a login and its sessions for good.

    Example: `lyceum analysts disable --tenant riverside --name "Ada"`
    """
    with admin_connection() as connection:
        found = analysts.disable_analyst(connection, tenant, name)
    _print_disabled(found, as_json)


def _print_issued(issued: IssuedAnalyst, address: str, as_json: bool) -> None:
    login, password = issued.analyst.role_name, issued.password
    if as_json:
        print_json({"login": login, "password": password, "address": address, "name": issued.analyst.name})
        return
    print_facts({"login": login, "password": password, "address": f"postgresql://{login}@{address}"})
    say("Keep the password now: it is not shown again.")


def _print_disabled(found: Analyst, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        say(f"Disabled {found.role_name}; its sessions are ended.")
