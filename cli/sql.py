"""`lyceum sql`."""

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import typer
from psycopg import OperationalError, connect
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.context import Environment, admin_connection, say, settings
from cli.rows import Format, print_query
from cli.sql_shell import run_shell
from core.database.address import DatabaseUnreachableError, login_conninfo
from core.errors import UserError
from core.secrets import SecretKey
from core.settings import Settings
from core.tenants import find_tenant
from local.postgres import wheel_binaries


def sql(
    tenant: Annotated[str, typer.Option(help="The tenant's slug.", metavar="SLUG")],
    command: Annotated[str | None, typer.Option("--command", "-c", help="One statement, instead of a shell.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How --command prints what it gets.")] = "table",
    plain: Annotated[bool, typer.Option("--plain", help="The built-in shell, also where there is psql.")] = False,
) -> None:
    """Query a tenant's marts and statements as its reader, which sees that tenant's rows and changes nothing.

    The shell is `psql` where there is one. Ctrl-C ends a query.

    Example: `lyceum sql --tenant riverside --command "select * from mart_tenant_overview" --format csv`
    """
    login = _reader_login(settings(), tenant)
    psql = None if plain or command is not None else _find_psql(Environment.variables)
    if psql is not None:
        _become(psql, login, tenant, Environment.variables)
    try:
        connection = connect(login, autocommit=True)
    except OperationalError as error:
        raise DatabaseUnreachableError(
            f"The reader of {tenant} cannot log in: {error}.", "See `lyceum doctor`."
        ) from error
    with connection:
        if command is None:
            run_shell(connection, tenant)
        else:
            print_query(connection, command, form)


def _reader_login(current: Settings, slug: str) -> str:
    with admin_connection() as connection:
        tenant = find_tenant(connection, slug)
    if not tenant.is_active:
        raise UserError(f"The tenant {slug} is disabled.", f"`lyceum tenants enable {slug}` lets its reader in again.")
    return login_conninfo(current.database, tenant.reader, SecretKey(current.secret_key).reader_password(tenant.reader))


def _find_psql(variables: Mapping[str, str]) -> str | None:
    if found := shutil.which("psql", path=variables.get("PATH", os.defpath)):
        return found
    with suppress(UserError):
        return shutil.which("psql", path=str(wheel_binaries()))
    return None


def _become(psql: str, login: str, slug: str, variables: Mapping[str, str]) -> None:
    """The password goes through the environment, which others cannot see; nothing else of Lyceum's goes with it."""
    parts = conninfo_to_dict(login)
    password = str(parts.pop("password"))
    kept = {name: value for name, value in variables.items() if not name.startswith(("LYCEUM_", "PG"))}
    if sys.stdin.isatty():
        say("\\d lists tables, \\d NAME shows one, \\? helps, \\q leaves.")
        sys.stdout.flush()
    arguments = [psql, "--no-password", "--set", f"PROMPT1={slug}%R%# ", make_conninfo(**parts)]  # type: ignore[arg-type]
    os.execve(psql, arguments, {**kept, "PGPASSWORD": password})  # noqa: S606 - no shell is wanted
