"""Attachments in object storage.

An object's name is the hash of its content, under its tenant's own prefix: nothing else of a request gets into it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from core.objects import first_line, open_objects, sync
from lrs.errors import UnavailableError

FOLDER = "attachments"
CHUNK_BYTES = 1 << 20

_SHA2 = re.compile("[0-9a-f]{56,128}")

log = structlog.get_logger("lrs.storage")


class Storage:
    """`folder` is where the store's objects lie, if they do in a folder."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, tenant: UUID, sha2: str, content: memoryview) -> None:
        """Written if absent, or if what is there was cut off. Then it is durable."""
        path = object_path(tenant, sha2)
        with _reachable():
            if await self._size(path) != len(content):
                await self._store.put_async(path, content)
            if self._folder is not None:
                await asyncio.to_thread(sync, self._folder, path)

    async def read(self, tenant: UUID, sha2: str) -> AsyncIterator[bytes]:
        """In pieces. What is not there raises FileNotFoundError before the first."""
        with _reachable():
            found = await self._store.get_async(object_path(tenant, sha2))
            async for piece in found.stream(CHUNK_BYTES):
                yield bytes(piece)

    async def _size(self, path: str) -> int | None:
        try:
            return (await self._store.head_async(path))["size"]
        except FileNotFoundError:
            return None


def open_storage(address: str | None, home: Path) -> Storage:
    return Storage(*open_objects("LYCEUM_LRS_ATTACHMENTS", address, home / FOLDER))


def object_path(tenant: UUID, sha2: str) -> str:
    if not _SHA2.fullmatch(sha2):
        raise ValueError(f"{sha2!r} is no SHA-2 sum")
    return f"tenants/{tenant}/attachments/{sha2}"


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        log.warning("object storage is away", error=first_line(error))
        raise UnavailableError("The storage of attachments cannot be reached. Try again.") from error
