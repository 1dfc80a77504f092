"""Object storage by its address: a folder, S3, Google Cloud Storage, Azure, or memory.

An object's name is the hash of its content, under its tenant's own prefix: nothing else of a request gets into it.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from core.errors import UserError
from lrs.errors import UnavailableError

FOLDER = "attachments"
CHUNK_BYTES = 1 << 20
CONNECT_TIMEOUT = timedelta(seconds=2)
REQUEST_TIMEOUT = timedelta(seconds=60)
RETRY_TIMEOUT = timedelta(seconds=5)

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
                await asyncio.to_thread(_sync, self._folder, path)

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
    try:
        folder = _folder(address, home)
        if folder is None:
            return Storage(_remote(str(address)))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Storage(LocalStore(folder), folder)
    except (BaseError, ValueError, OSError) as error:
        raise UserError(
            f"LYCEUM_LRS_ATTACHMENTS: {address or home / FOLDER} cannot be used: {first_line(error)}.",
            "Name a folder that may be written, or a bucket; clouds' credentials come from their usual variables.",
        ) from error


def object_path(tenant: UUID, sha2: str) -> str:
    if not _SHA2.fullmatch(sha2):
        raise ValueError(f"{sha2!r} is no SHA-2 sum")
    return f"tenants/{tenant}/attachments/{sha2}"


def first_line(error: Exception) -> str:
    """The rest is what the library knows about itself."""
    return str(error).partition("\n")[0].rstrip(".")


def _folder(address: str | None, home: Path) -> Path | None:
    if address is None:
        return (home / FOLDER).absolute()
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    if parts.netloc or not parts.path:
        raise ValueError("a file's address is of the form file:///folder")
    return Path(unquote(parts.path))


def _remote(address: str) -> ObjectStore:
    if address.startswith("memory:"):
        return MemoryStore()
    return from_url(
        address,
        client_options={"connect_timeout": CONNECT_TIMEOUT, "timeout": REQUEST_TIMEOUT},
        retry_config={"max_retries": 3, "retry_timeout": RETRY_TIMEOUT},
    )


def _sync(folder: Path, path: str) -> None:
    """What the library leaves in the page cache: the object, and the names that lead to it."""
    found = folder / path
    for each in (found, *(parent for parent in found.parents if parent.is_relative_to(folder))):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        log.warning("object storage is away", error=first_line(error))
        raise UnavailableError("The storage of attachments cannot be reached. Try again.") from error
