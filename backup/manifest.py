"""What a backup consists of. It is written last: a folder without it is no backup."""

import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from core.errors import UserError

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database"
ATTACHMENTS = "attachments"
SECRETS = "secrets.toml"
BLOCK_BYTES = 1 << 20


class File(msgspec.Struct, frozen=True):
    path: str
    bytes: int
    sha256: str


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's reader or an analyst: logins belong to the server, so the dump has none of them."""

    role: str
    may_log_in: bool
    connection_limit: int
    valid_until: datetime | None
    settings: dict[str, str]
    # As the server keeps it, where whoever made the backup may see that.
    hashed: str | None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    lyceum: str
    made_at: datetime
    server_version: int
    dumped_by: int
    timescaledb: str | None
    migration: str
    # Says which secret key the database was used with, and nothing else about it.
    key: str
    has_secrets: bool
    tables: dict[str, int]
    logins: list[Login]
    files: list[File]
    # Listed in the database, but not in object storage.
    missing: list[str] = []
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def attachments(self) -> int:
        return sum(file.path.startswith(f"{ATTACHMENTS}/") for file in self.files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_durably(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest)))


def read_manifest(folder: Path) -> Manifest:
    try:
        content = (folder / NAME).read_bytes()
        stated = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("format")
        if stated is None or bytes(stated) != str(FORMAT).encode():
            raise UserError(f"{folder} is a backup that a newer Lyceum made.", "Restore it with that version or later.")
        return msgspec.json.decode(content, type=Manifest)
    except OSError as error:
        raise UserError(
            f"{folder} is no backup: {NAME} cannot be read ({error.strerror}).", "Name a folder of `lyceum backup`."
        ) from error
    except msgspec.DecodeError as error:
        raise UserError(f"{folder / NAME} is damaged: {error}.", "Take another backup.") from error


def list_files(folder: Path) -> list[File]:
    return [describe(folder, path) for path in sorted(_paths(folder))]


def describe(folder: Path, path: Path) -> File:
    with path.open("rb") as content:
        digest, size = sha256(), 0
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return File(path.relative_to(folder).as_posix(), size, digest.hexdigest())


def write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _paths(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
