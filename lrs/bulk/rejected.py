"""What could not be taken, with the reason: an object a line, so that it can be mended and imported again."""

import base64
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from core.errors import UserError
from lrs.bulk.pieces import Piece

FAULTS = {
    "too_large": "It is larger than {most} bytes, which is the most that is taken; is a quote or bracket missing?",
    "truncated": "The file ends within the array: what comes after is missing.",
    "after_end": "This comes after the end of the array.",
    "damaged": "The file cannot be unpacked any further: what comes after is missing.",
}


NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Rejected(msgspec.Struct, frozen=True):
    """`path` is relative to the statement; `base64` is there instead of `text` where that would not be UTF-8."""

    line: int
    position: int
    id: str | None
    reason: str
    path: str | None
    message: str
    text: str | None = None
    base64: str | msgspec.UnsetType = msgspec.UNSET


def reject(piece: Piece, reason: str, message: str, path: str | None = None) -> Rejected:
    rejected = Rejected(piece.line, piece.position, _id_of(piece.text), reason, path, message)
    if piece.text is None:
        return rejected
    try:
        return msgspec.structs.replace(rejected, text=piece.text.decode())
    except UnicodeDecodeError:
        return msgspec.structs.replace(rejected, base64=base64.b64encode(piece.text).decode())


def reject_fault(piece: Piece, fault: str, most_bytes: int) -> Rejected:
    message = FAULTS[fault].format(most=most_bytes)
    if piece.text is None:
        message += f" It begins at byte {piece.offset} of the file, unpacked."
    return reject(piece, fault, message)


def is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except NO_JSON:
        return False
    return True


def _id_of(text: bytes | None) -> str | None:
    try:
        tree: Any = msgspec.json.decode(text or b"null")
    except NO_JSON:
        return None
    found = tree.get("id") if isinstance(tree, dict) else None
    return found if isinstance(found, str) else None


class RejectsFile:
    """Is there only if something was rejected. While it is written, no other import may write it."""

    def __init__(self, path: Path, kept_bytes: int = 0) -> None:
        """Beyond `kept_bytes` it is what an interrupted run wrote last, and is written again."""
        self.path = path
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise UserError(
                f"Rejected statements cannot be written to {path}: {error.strerror}.", "Name another file: --rejects."
            ) from error
        self._lock()
        self._file.truncate(kept_bytes)
        self._file.seek(kept_bytes)

    def add(self, rejected: Iterable[Rejected]) -> int:
        """How long it is then, on the disk."""
        for one in rejected:
            self._file.write(msgspec.json.encode(one) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        is_empty = self._file.seek(0, os.SEEK_END) == 0
        if is_empty:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise UserError(
                f"Another import is writing to {self.path}.", "Wait for it, or name another file: --rejects."
            ) from None
