"""Object storage by its address: a folder, S3, Google Cloud Storage, Azure, or memory.

An object's name is the hash of its content, under its tenant's own prefix: nothing else of a request gets into it.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
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
    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, tenant: UUID, sha2: str, content: memoryview) -> None:
        """Written if absent, or if what is there was cut off."""
        path = object_path(tenant, sha2)
        with _reachable():
            if await self._size(path) != len(content):
                await self._store.put_async(path, content)

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
        return Storage(_store(address, home))
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


def _store(address: str | None, home: Path) -> ObjectStore:
    if address is None:
        folder = (home / FOLDER).absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    if address.startswith("memory:"):
        return MemoryStore()
    if address.startswith("file:"):
        return LocalStore.from_url(address, mkdir=True)
    return from_url(
        address,
        client_options={"connect_timeout": CONNECT_TIMEOUT, "timeout": REQUEST_TIMEOUT},
        retry_config={"max_retries": 3, "retry_timeout": RETRY_TIMEOUT},
    )


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        log.warning("object storage is away", error=first_line(error))
        raise UnavailableError(
            "The storage of attachments cannot be reached; nothing was stored. Try again."
        ) from error
