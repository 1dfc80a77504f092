"""Attachments between object storage and a backup. Their names say what is in them, so that copying can be repeated."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from psycopg import Connection

from backup.manifest import ATTACHMENTS, Manifest
from backup.programs import Progress
from core.errors import UserError
from core.objects import first_line, sync

# The same store may hold the lake.
OURS = re.compile(r"tenants/[0-9a-f-]{36}/attachments/[0-9a-f]{56,128}")
LISTED = """
select 'tenants/' || tenant_uuid || '/attachments/' || sha2, length
from xapi.attachments inner join control.tenants using (tenant_id) order by 1
"""
CHUNK_BYTES = 1 << 20


class Objects(NamedTuple):
    """`folder` is where the store's objects lie, if they do in a folder."""

    store: ObjectStore
    folder: Path | None


def copy_out(objects: Objects, target: Path, progress: Progress) -> dict[str, int]:
    """All there are, also those of statements that still wait in the topic."""
    copied = {}
    try:
        for path, size in _stored(objects.store):
            progress(path)
            _download(objects.store, path, target / ATTACHMENTS / path)
            copied[path] = size
    except BaseError as error:
        raise UserError(
            f"The storage of attachments cannot be read: {first_line(error)}.", "Mend that and repeat the command."
        ) from error
    return copied


def missing(connection: Connection, copied: dict[str, int]) -> list[str]:
    """What the database lists and the storage has not, or not whole."""
    return [path for path, length in connection.execute(LISTED) if copied.get(path) != length]


def copy_in(folder: Path, manifest: Manifest, objects: Objects, progress: Progress) -> int:
    """What is there already stays. Returns how many were written."""
    there = dict(_stored(objects.store))
    written = 0
    for file in manifest.files:
        path = file.path.removeprefix(f"{ATTACHMENTS}/")
        if path == file.path or there.get(path) == file.bytes:
            continue
        progress(path)
        objects.store.put(path, folder / file.path)
        if objects.folder is not None:
            sync(objects.folder, path)
        written += 1
    return written


def _stored(store: ObjectStore) -> Iterator[tuple[str, int]]:
    for page in store.list("tenants/"):
        yield from ((found["path"], found["size"]) for found in page if OURS.fullmatch(found["path"]))


def _download(store: ObjectStore, path: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        for piece in store.get(path).stream(CHUNK_BYTES):
            file.write(piece)
