"""`lyceum backup` and `lyceum restore`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from backup.attachments import Objects
from backup.check import verify as verify_backup
from backup.ledger import compare
from backup.manifest import SECRETS, Manifest
from backup.means import Means
from backup.programs import Progress
from backup.restore import restore as restore_backup
from backup.take import take
from cli.context import problems, say, settings
from core.errors import UserError
from core.objects import open_objects
from core.settings import Settings
from local.postgres import wheel_binaries
from lrs.storage import FOLDER as ATTACHMENTS

PLACE = typer.Argument(help="The backup's folder.", metavar="FOLDER")


def backup(
    folder: Path = PLACE,
    verify: bool = typer.Option(False, "--verify", help="Take none: check the one that is there."),
    with_secrets: bool = typer.Option(
        False, "--with-secrets", help="Also the secret key: whoever has the backup then has all of it."
    ),
    jobs: int = typer.Option(1, min=1, max=64, help="Tables that are read at a time."),
) -> None:
    """Back up the database and the attachments, as of one moment, while everything runs.

    Example: `lyceum backup /backups/$(date +%F)` · `lyceum backup /backups/2026-06-01 --verify`
    """
    if verify:
        say(f"{_size(verify_backup(folder))}. It is whole.")
        return
    current = settings()
    with _progress("backing up") as progress:
        made = take(current, folder, _means(current, progress), with_secrets=with_secrets, jobs=jobs)
    say(f"{folder}: {_size(made)}.")
    if made.missing:
        say(f"{len(made.missing)} attachments are not in their storage, the first {made.missing[0]}.")
    if with_secrets:
        say(f"The secret key is in {folder / SECRETS}.")
    else:
        say("Without the secret key, which a restore needs: keep LYCEUM_SECRET_KEY elsewhere, or use --with-secrets.")


def restore(folder: Path = PLACE) -> None:
    """Restore a backup into an empty database, with its attachments. Then ingest goes on from where it was.

    Example: `lyceum restore /backups/2026-06-01`
    """
    current = settings()
    with _progress("restoring") as progress:
        done = restore_backup(current, folder, _means(current, progress))
    say(f"Restored: {_size(done.manifest)}. {done.attachments} attachments written.")
    for revision in done.migrated.applied:
        say(f"applied {revision}")
    for role in done.without_password:
        say(f"The analyst with the login {role} needs a new one: `lyceum analysts create`.")
    for line in compare(current):
        say(line)
    say("The lake is not in a backup: `lyceum lake export --full` writes it again.")


def _size(manifest: Manifest) -> str:
    tables, statements = len(manifest.tables), manifest.tables.get("xapi.statement_ids", 0)
    return (
        f"{tables} tables, {statements:,} statements, {manifest.attachments:,} attachments, "
        f"{manifest.bytes / 2**20:,.1f} MiB, of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _means(current: Settings, progress: Progress) -> Means:
    found = open_objects("LYCEUM_LRS_ATTACHMENTS", current.lrs.attachments, current.home / ATTACHMENTS)
    return Means(Objects(*found), _programs(), progress)


def _programs() -> list[Path]:
    """The machine's own first: they are made for its server, and speak TLS."""
    found = shutil.which("pg_dump")
    places = [] if found is None else [Path(found).parent]
    try:
        return [*places, wheel_binaries()]
    except UserError:
        return places


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    with problems.status(what) as shown:
        yield lambda step: shown.update(f"{what}: {step}")
