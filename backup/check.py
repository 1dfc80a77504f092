"""Whether a backup is whole: every file is there, and as it was written."""

from pathlib import Path

from backup.manifest import File, Manifest, describe, read_manifest
from core.errors import UserError

SHOWN = 5


def verify(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    faults = [fault for file in manifest.files if (fault := _fault(folder, file))]
    if faults:
        more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise UserError(
            f"The backup {folder} is damaged: {', '.join(faults[:SHOWN])}{more}.",
            "Use another backup, or copy this one again from where it is whole.",
        )
    return manifest


def _fault(folder: Path, file: File) -> str | None:
    try:
        found = describe(folder, folder / file.path)
    except OSError as error:
        return f"{file.path} cannot be read ({error.strerror})"
    return None if found == file else f"{file.path} has changed"
