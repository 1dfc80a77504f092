"""`lyceum statements`: by the file, in and out."""

import asyncio
import signal
import time
from contextlib import aclosing
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from cli.bulk_progress import BulkProgress
from cli.context import JSON_OPTION, admin_connection, print_json, problems, say, settings
from core import tenants
from core.audit import record_act
from core.tenants import Tenant
from core.xapi.times import format_timestamp
from core.xapi.versions import Version
from lrs.bulk.counts import Counts
from lrs.bulk.exporting import open_export
from lrs.bulk.order import Opened, Order, open_import
from lrs.bulk.output import Array, Lines, open_output
from lrs.bulk.source import STANDARD_INPUT
from lrs.bulk.wording import in_words

REJECTED = 1
INTERRUPTED = 130

app = typer.Typer(help="Statements by the file, in and out.", no_args_is_help=True, add_completion=False)

TENANT = typer.Option(..., help="The tenant's slug.")


class ImportVersion(Enum):
    V1 = "1.0.3"
    V2 = "2.0.0"
    ANY = "any"


class Format(Enum):
    EXACT = "exact"
    IDS = "ids"
    CANONICAL = "canonical"


VERSIONS = {
    ImportVersion.V1: (Version.V1,),
    ImportVersion.V2: (Version.V2,),
    ImportVersion.ANY: (Version.V1, Version.V2),
}


@app.command("import")
def import_file(
    file: Path = typer.Argument(help="A JSON array or a statement a line, gzip or not; - reads standard input."),
    tenant: str = TENANT,
    credential: str = typer.Option(..., help="The key of the credential in whose name they are stored."),
    keep_authority: bool = typer.Option(False, "--keep-authority", help="Keep the authority that a statement has."),
    keep_stored: bool = typer.Option(
        False, "--keep-stored", help="Keep the time at which they were stored elsewhere; each must have it."
    ),
    xapi_version: ImportVersion = typer.Option(ImportVersion.V1, help="By whose rules they are checked."),
    rejects: Path | None = typer.Option(
        None, help="Where rejected statements go, with reasons. Default: FILE.rejects.ndjson"
    ),
    resume: bool = typer.Option(True, "--resume/--restart", help="Go on where the import of this file was ended."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Check the statements, and store nothing."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Store the statements of a file, each checked as at the door. Safe to repeat: nothing is stored twice.

    Exit code 0: all are stored; 1: some were rejected, and lie in the rejects file with their reasons.

    Example: `lyceum statements import old-lrs.ndjson.gz --tenant school --credential key-… --keep-stored`
    """
    order = Order(
        path=file,
        tenant=tenant,
        key_id=credential,
        rejects=_rejects(file, rejects),
        versions=VERSIONS[xapi_version],
        keeps_authority=keep_authority,
        keeps_stored=keep_stored,
        is_dry=dry_run,
        resumes=resume,
    )
    began = time.monotonic()
    with open_import(settings(), order) as opened:
        if not dry_run:
            _record(tenant, "statements.import", {"key_id": credential, "options": order.options[1:]})
        if opened.note:
            problems.print(opened.note, soft_wrap=True, markup=False)
        _import(opened, file)
        counts, before = opened.run.counts, opened.run.began_with
    _print_summary(order, counts, before, time.monotonic() - began, as_json)
    if counts.rejected:
        raise typer.Exit(REJECTED)


@app.command("export")
def export(
    tenant: str = TENANT,
    agent: str | None = typer.Option(None, help="An agent or identified group, as JSON."),
    verb: str | None = typer.Option(None, help="The IRI of a verb."),
    activity: str | None = typer.Option(None, help="The IRI of an activity."),
    registration: str | None = typer.Option(None, help="A registration's UUID."),
    related_agents: bool = typer.Option(False, "--related-agents", help="Look for the agent everywhere in them."),
    related_activities: bool = typer.Option(False, "--related-activities", help="Look for the activity everywhere."),
    since: str | None = typer.Option(None, help="Only what was stored after this time."),
    until: str | None = typer.Option(None, help="Only what was stored up to this time."),
    statement_id: str | None = typer.Option(None, help="This statement only."),
    voided_statement_id: str | None = typer.Option(None, help="This voided statement only."),
    form: Format = typer.Option(Format.EXACT, "--format", help="As stored, reduced, or with merged definitions."),
    ascending: bool = typer.Option(False, "--ascending", help="Oldest first, up to what is consistent; else newest."),
    limit: int | None = typer.Option(None, min=1, help="At most so many. Default: all."),
    output: Path | None = typer.Option(None, "--output", "-o", help="A file, which appears when it is whole."),
    packed: bool = typer.Option(False, "--gzip", help="Pack it."),
    array: bool = typer.Option(False, "--array", help="One JSON array instead of a statement a line."),
) -> None:
    """Write statements to a file or standard output: what GET would answer with the same filters, and all of it.

    Example: `lyceum statements export --tenant school --since 2026-01-01T00:00Z --ascending --gzip -o 26.ndjson.gz`
    """
    texts = {
        "agent": agent, "verb": verb, "activity": activity, "registration": registration, "since": since,
        "until": until, "statementId": statement_id, "voidedStatementId": voided_statement_id,
    }  # fmt: skip
    flags = {"related_agents": related_agents, "related_activities": related_activities, "ascending": ascending}
    parameters = {name: text for name, text in texts.items() if text is not None}
    parameters |= {name: "true" for name, is_set in flags.items() if is_set}
    # Which filters, not whom they name: personal data stay where they are.
    found = _record(tenant, "statements.export", {"filters": sorted(parameters)})
    with in_words("Try again."), open_output(output, is_packed=packed) as file:
        asyncio.run(_export(found, parameters | {"format": form.value}, limit, Array(file) if array else Lines(file)))


async def _export(found: Tenant, parameters: dict[str, str], limit: int | None, target: Array | Lines) -> None:
    count = 0
    with BulkProgress(problems, "Exported") as progress:
        async with (
            open_export(settings(), found, parameters) as opened,
            aclosing(opened.pages(limit)) as pages,
        ):
            async for page in pages:
                target.add(page)
                count += len(page)
                progress.show(count)
    target.end()
    through = f" Consistent through {format_timestamp(opened.through)}." if "ascending" in parameters else ""
    problems.print(f"{count:,} statement{'' if count == 1 else 's'}.{through}", soft_wrap=True)


def _rejects(file: Path, rejects: Path | None) -> Path:
    if rejects is None:
        if file == STANDARD_INPUT or (file.exists() and not file.is_file()):
            raise typer.BadParameter("name the file for what is rejected of a stream", param_hint="--rejects")
        return file.with_name(f"{file.name}.rejects.ndjson")
    if rejects.exists() and file.exists() and rejects.samefile(file):
        raise typer.BadParameter("it is the file that is imported", param_hint="--rejects")
    return rejects


def _record(tenant: str, action: str, detail: dict[str, Any]) -> Tenant:
    with admin_connection() as connection:
        found = tenants.find_tenant(connection, tenant)
        record_act(connection, found.tenant_id, action, tenant, detail)
    return found


def _import(opened: Opened, file: Path) -> None:
    before = signal.signal(signal.SIGINT, lambda *_: _stop(opened))
    try:
        with BulkProgress(problems, "Imported", opened.run.source.size) as progress:
            opened.import_all(lambda counts, bytes_read: progress.show(counts.read, bytes_read))
    except KeyboardInterrupt:
        done = opened.run.counts
        problems.print(
            f"Stopped. {done.read:,} statements of {file} are done, {done.stored:,} of them stored. "
            "Run the same command again to go on.",
            soft_wrap=True, markup=False,
        )  # fmt: skip
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(opened: Opened) -> None:
    """The second time, at once."""
    opened.run.stop()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _print_summary(order: Order, counts: Counts, before: Counts, seconds: float, as_json: bool) -> None:
    per_second = round((counts.read - before.read) / seconds)
    if as_json:
        print_json({
            "read": counts.read, "stored": counts.stored, "repeated": counts.repeated, "rejected": counts.rejected,
            "seconds": round(seconds, 3), "per_second": per_second, "dry_run": order.is_dry,
            "rejects": str(order.rejects) if counts.rejected else None,
        })  # fmt: skip
        return
    say(
        f"{counts.read:,} statements read: {counts.stored:,} {'would be ' if order.is_dry else ''}stored, "
        f"{counts.repeated:,} stored before, {counts.rejected:,} rejected. {seconds:,.1f} s, {per_second:,} a second."
    )
    if counts.rejected:
        say(f"What was rejected, and why: {order.rejects}")
