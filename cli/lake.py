"""`lyceum lake`."""

from typing import Annotated

import msgspec
import typer

from cli.context import JSON_OPTION, out, print_json, print_table, say, settings
from lake.export import Exported, export
from lake.status import LakeStatus, lake_status

app = typer.Typer(
    help="The lake: Parquet files of statements and marts for DuckDB, Polars and notebooks.",
    no_args_is_help=True,
    add_completion=False,
)

Tenant = Annotated[str | None, typer.Option(help="Only this tenant, by its slug.", metavar="SLUG")]
Full = Annotated[bool, typer.Option("--full", help="Write everything again, also what is as it was.")]
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@app.command("export")
def export_lake(tenant: Tenant = None, full: Full = False, as_json: bool = JSON_OPTION) -> None:
    """Write what is new or changed since the last export. Readers see the old files until the new ones are whole.

    Example: `lyceum lake export --tenant riverside`
    """
    current = settings()
    with out.status("exporting …") as shown:
        done = export(
            current,
            tenant=tenant,
            full=full,
            progress=lambda slug, table, month, rows: shown.update(f"{slug}: {table} {month}, {rows:,} rows"),
        )
    if as_json:
        print_json(msgspec.to_builtins(done))
        return
    for one in done:
        _say_exported(one)


@app.command("status")
def status(tenant: Tenant = None, as_json: bool = JSON_OPTION) -> None:
    """Show what is in the lake, as of when, and how many batches have come since.

    Example: `lyceum lake status`
    """
    found = lake_status(settings(), tenant)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for one in found:
        _print_status(one)
    if not found:
        say("No tenants yet: `lyceum tenants create --help`.")


def _say_exported(one: Exported) -> None:
    written = f"{one.files:,} files, {one.rows:,} rows, {_size(one.bytes)}" if one.files else "nothing new"
    say(f"{one.tenant}: {written}, {one.seconds:.1f} s")
    if one.marts_wait:
        say("  A refresh of the marts was broken off: they stay as they were until one succeeds.")


def _print_status(one: LakeStatus) -> None:
    if one.exported_at is None:
        say(f"{one.tenant}: never exported. `lyceum lake export --tenant {one.tenant}`")
        return
    behind = f"{one.batches_behind:,} batches behind" if one.batches_behind else "up to date"
    marts = f", marts as of {one.marts_as_of:%Y-%m-%d %H:%M} UTC" if one.marts_as_of else ", no marts yet"
    say(f"{one.tenant}: exported {one.exported_at:%Y-%m-%d %H:%M} UTC{marts}; {behind}")
    rows = [[table.table, table.files, f"{table.rows:,}", _size(table.bytes)] for table in one.tables]
    print_table(["  table", "files", "rows", "size"], [[f"  {row[0]}", *row[1:]] for row in rows], "")
    say(f"  duckdb {one.catalogue}")


def _size(count: float) -> str:
    for unit in UNITS:
        if count < 1024 or unit == UNITS[-1]:
            break
        count /= 1024
    return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
