"""`lyceum people`."""

import typer

from cli.context import JSON_OPTION, admin_connection, print_facts, print_json, print_table, say
from core import people
from core.errors import UserError
from core.people import ROLES, NewPerson, Person
from core.tenants import list_tenants

app = typer.Typer(
    help="People who look at dashboards: instructors, admins, analysts, operators.",
    no_args_is_help=True,
    add_completion=False,
)

TENANT = typer.Option(None, "--tenant", help="The tenant's slug.", metavar="SLUG")
NAME = typer.Argument(help="The name to sign in by, as `lyceum people list` shows it.", metavar="NAME")


@app.command("sync")
def sync(slug: str | None = TENANT, as_json: bool = JSON_OPTION) -> None:
    """Make people of the staff that the LMS has told of, of one tenant or all; whoever left is out.

    They sign in by OpenID Connect, or with a password that `lyceum people password` gives.

    Example: `lyceum people sync --tenant school`
    """
    with admin_connection() as connection:
        slugs = [slug] if slug else [tenant.slug for tenant in list_tenants(connection)]
        synced = {one: people.sync_people(connection, one) for one in slugs}
    if as_json:
        print_json([{"tenant": one, **vars(counts)} for one, counts in synced.items()])
        return
    rows = [[one, counts.made, counts.changed, counts.ended] for one, counts in synced.items()]
    print_table(["tenant", "made", "changed", "ended"], rows, "No tenants yet: `lyceum tenants create --help`.")


@app.command("create")
def create(
    slug: str | None = TENANT,
    role: str = typer.Option(..., help=f"One of {', '.join(ROLES)}."),
    email: str | None = typer.Option(None, help="Whom a tenant's person signs in as."),
    name: str = typer.Option(..., help="As dashboards greet them."),
    user_id: str | None = typer.Option(None, help="Who that is in the LMS; else found by the mail."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Make a person by hand, with a password that is shown once.

    Example: `lyceum people create --tenant school --role analyst --email ann@school.example --name "Ann Lee"`
    """
    known = next((one for one in ROLES if one == role), None)
    if known is None:
        raise UserError(f"There is no role {role!r}.", f"There are: {', '.join(ROLES)}.")
    with admin_connection() as connection:
        person = people.create_person(connection, slug, NewPerson(known, name, email, user_id))
        password = people.give_password(connection, person.user_name)
    _print(person, as_json, password)


@app.command("password")
def give_password(user_name: str = NAME, as_json: bool = JSON_OPTION) -> None:
    """Give a person a new password, shown once.

    Example: `lyceum people password school/ann@school.example`
    """
    with admin_connection() as connection:
        password = people.give_password(connection, user_name)
        person = people.find_person(connection, user_name)
    _print(person, as_json, password)


@app.command("list")
def show_all(slug: str | None = TENANT, as_json: bool = JSON_OPTION) -> None:
    """List who may sign in.

    Example: `lyceum people list --tenant school`
    """
    with admin_connection() as connection:
        found = people.list_people(connection, slug)
    if as_json:
        print_json(list(found))
        return
    rows = [[one.user_name, one.role, one.full_name, one.source, one.state] for one in found]
    print_table(["name", "role", "who", "from", "state"], rows, "Nobody yet: `lyceum people sync`.")


@app.command("disable")
def disable(user_name: str = NAME, as_json: bool = JSON_OPTION) -> None:
    """Let a person in no more; whoever is signed in is out with the next click.

    Example: `lyceum people disable school/ann@school.example`
    """
    with admin_connection() as connection:
        person = people.set_person_active(connection, user_name, is_active=False)
    _print(person, as_json)


@app.command("enable")
def enable(user_name: str = NAME, as_json: bool = JSON_OPTION) -> None:
    """Let a disabled person in again.

    Example: `lyceum people enable school/ann@school.example`
    """
    with admin_connection() as connection:
        person = people.set_person_active(connection, user_name, is_active=True)
    _print(person, as_json)


def _print(person: Person, as_json: bool, password: str | None = None) -> None:
    told = {"password": password} if password else {}
    if as_json:
        print_json(vars(person) | told)
        return
    print_facts({"name": person.user_name, "role": person.role, "who": person.full_name, "state": person.state, **told})
    if password:
        say("The password is not shown again.")
