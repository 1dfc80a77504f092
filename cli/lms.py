"""`lyceum lms`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from psycopg import Connection, connect

from cli.context import JSON_OPTION, admin_connection, out, print_json, print_table, say, settings
from core.audit import record_act
from core.database.address import role_conninfo
from core.errors import UserError
from core.lms.rules import EARLIEST
from core.tenants import Tenant, find_tenant
from ingest.imports.export import export_tables
from ingest.imports.oneroster import Wish, is_bundle, oneroster_reader
from ingest.imports.plain import find_sheets, plain_reader
from ingest.imports.problems import RefusedError, write_report
from ingest.imports.run import Imported, Order, run_import

app = typer.Typer(
    help="What the LMS knows: users, courses, enrolments, grades; in and out as CSV.",
    no_args_is_help=True,
    add_completion=False,
)

TENANT = typer.Option(..., "--tenant", help="The tenant's slug.", metavar="SLUG")
SOURCE = typer.Argument(help="A file named as its table, a folder of such, or a OneRoster bundle (folder or .zip).")
AS_OF = typer.Option(None, "--as-of", help="The time that the files are true for. Now, if not given.")


@app.command("import")
def import_files(
    source: Path = SOURCE,
    tenant: str = TENANT,
    as_of: str | None = AS_OF,
    encoding: str | None = typer.Option(None, help="Found out if not given: UTF-8, UTF-16 or Windows-1252."),
    partial: bool = typer.Option(
        False, "--partial", help="What the files leave out stays: nothing is removed or withdrawn."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Check everything, say what would happen, change nothing."),
    report: Path = typer.Option(Path("import-problems.csv"), help="Where to list what is wrong with the files."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Import CSV, one file a table, or a OneRoster 1.1 or 1.2 bundle. Each file whole, or nothing of it.

    What files of modules, lessons, assessments and course_instructors leave out of a course that they name is removed;
    who is missing from a class in a OneRoster bulk file is withdrawn from it.

    Example: `lyceum lms import exports/ --tenant school --as-of 2026-03-01 --dry-run`
    """
    if not source.exists():
        raise UserError(f"{source} does not exist.", "Name a file or a folder.")
    with admin_connection() as connection:
        found = find_tenant(connection, tenant)
    order = Order(found.tenant_id, found.time_zone, _moment(as_of), is_dry=dry_run)
    if is_bundle(source):
        reader = oneroster_reader(source, encoding, Wish(order.as_of, is_complete=not partial))
    else:
        reader = plain_reader(find_sheets(source), encoding, is_complete=not partial)
    try:
        with _ingest() as connection, out.status("reading") as status:
            imported = run_import(connection, order, reader, status.update)
    except RefusedError as error:
        write_report(report, error.problems)
        raise UserError(error.message, f"{error.remedy} All problems: {report}") from error
    if not dry_run:
        _record(found, "lms.import", str(source), imported)
    _show(imported, dry_run, as_json)


@app.command("export")
def export_files(
    folder: Path = typer.Argument(help="Where the files go; it is made if it is not there."),
    tenant: str = TENANT,
    as_json: bool = JSON_OPTION,
) -> None:
    """Write the tables as CSV, as `import` reads them. What was removed is left out.

    Example: `lyceum lms export exports/ --tenant school`
    """
    with admin_connection() as connection:
        found = find_tenant(connection, tenant)
    with _ingest() as connection:
        files = dict(export_tables(connection, found.tenant_id, folder))
    if as_json:
        print_json(files)
        return
    print_table(["file", "rows"], [[name, f"{rows:,}"] for name, rows in files.items()], "Nothing to export.")


def _ingest() -> Connection:
    # Under a name of its own: an import may take its time where a consumer must not.
    return connect(role_conninfo(settings().database, "lyceum_ingest"), application_name="lyceum-import")


def _moment(text: str | None) -> datetime:
    now = datetime.now(UTC)
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"{text!r} is no time.", "Write 2026-03-01 or 2026-03-01T09:30:00Z.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment <= now + timedelta(minutes=5):
        raise UserError(f"{text} lies ahead, or before 1900.", "Give the time that the files are true for.")
    return moment


def _record(tenant: Tenant, action: str, subject: str, imported: list[Imported]) -> None:
    rows = {one.table: one.rows for one in imported}
    with admin_connection() as connection:
        record_act(connection, tenant.tenant_id, action, subject, {"rows": rows})


def _show(imported: list[Imported], dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json(imported)
        return
    rows: list[list[Any]] = [
        [one.file, one.table, f"{one.rows:,}", f"{one.new:,}", f"{one.changed:,}", f"{one.removed:,}"]
        for one in imported if not one.is_known
    ]  # fmt: skip
    for name in dict.fromkeys(one.file for one in imported if one.is_known):
        say(f"{name}: imported before for that time. Nothing to do.")
    if rows:
        print_table(["file", "table", "rows", "new", "changed", "removed"], rows, "")
    if dry_run:
        say("Dry run: nothing was changed.")
