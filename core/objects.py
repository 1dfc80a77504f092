"""Object storage by its address: a folder, S3, Google Cloud Storage, Azure, or memory."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from core.errors import UserError

CONNECT_TIMEOUT = timedelta(seconds=2)
REQUEST_TIMEOUT = timedelta(seconds=60)
RETRY_TIMEOUT = timedelta(seconds=5)


def open_objects(setting: str, address: str | None, default: Path) -> tuple[ObjectStore, Path | None]:
    """The store, and the folder in which its objects lie, if they do in a folder. `setting` named the address."""
    try:
        folder = _folder(address, default)
        if folder is None:
            return _remote(str(address)), None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder), folder
    except (BaseError, ValueError, OSError) as error:
        raise UserError(
            f"{setting}: {address or default} cannot be used: {first_line(error)}.",
            "Name a folder that may be written, or a bucket; clouds' credentials come from their usual variables.",
        ) from error


def first_line(error: Exception) -> str:
    """The rest is what the library knows about itself."""
    return str(error).partition("\n")[0].rstrip(".")


def sync(folder: Path, path: str) -> None:
    """What the library leaves in the page cache: the object, and the names that lead to it."""
    found = folder / path
    for each in (found, *(parent for parent in found.parents if parent.is_relative_to(folder))):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _folder(address: str | None, default: Path) -> Path | None:
    if address is None:
        return default.absolute()
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
