"""How far an import has come, so that it goes on there after whatever ended it."""

import os
from pathlib import Path

import msgspec

from core.errors import UserError
from lrs.bulk.counts import Counts
from lrs.bulk.pieces import Place
from lrs.bulk.source import Source


class Import(msgspec.Struct, frozen=True):
    """Of what and how: a checkpoint is good for the same only."""

    file_bytes: int
    beginning: str
    tenant: str
    options: list[str]
    rejects: str


class Checkpoint(msgspec.Struct, frozen=True):
    of: Import
    # None: nothing was done yet.
    place: Place | None = None
    counts: Counts = msgspec.field(default_factory=Counts)
    rejects_bytes: int = 0

    def fits(self, of: Import) -> bool:
        return self.of == of and _size(Path(of.rejects)) >= self.rejects_bytes


def describe(source: Source, tenant: str, options: list[str], rejects: Path) -> Import:
    """Of a stream, nothing is known before it is read, and no checkpoint is kept."""
    beginning = source.beginning() if source.path else ""
    return Import(source.size or 0, beginning, tenant, options, str(rejects.absolute()))


def checkpoint_path(path: Path, tenant: str) -> Path:
    return path.with_name(f"{path.name}.{tenant}.checkpoint")


def load_checkpoint(path: Path) -> Checkpoint | None:
    """What cannot be read counts as none: then everything is done again, which changes nothing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Checkpoint)
    except (OSError, msgspec.MsgspecError):
        return None


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """The old one or the new one is there at any time, and whole."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(checkpoint))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise UserError(
            f"The import's place cannot be kept in {path}: {error.strerror}.",
            "Put the file into a folder that may be written, or send it by standard input, without a checkpoint.",
        ) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
