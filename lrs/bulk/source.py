"""A file of statements, or standard input, as chunks of bytes; what gzip packed is unpacked."""

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from hashlib import sha256
from io import BufferedReader
from pathlib import Path

from core.errors import UserError

CHUNK_BYTES = 1 << 20
# Enough to see in which encoding it is, however slowly a stream comes.
FIRST_BYTES = 16
STANDARD_INPUT = Path("-")
GZIP = b"\x1f\x8b"
HASHED_BYTES = 1 << 16


class Source:
    """`size` is that of the file as it lies there; a stream has none, and cannot be read again."""

    def __init__(self, file: BufferedReader, path: Path, chunk_bytes: int) -> None:
        status = os.fstat(file.fileno())
        self.path = path if path != STANDARD_INPUT and stat.S_ISREG(status.st_mode) else None
        self.size = status.st_size if self.path else None
        # Then it ended there.
        self.is_damaged = False
        self._file = file
        self._chunk_bytes = chunk_bytes
        self._bytes_read = 0
        is_packed = file.peek(len(GZIP))[: len(GZIP)] == GZIP
        self._unpacked: BufferedReader | GzipFile = GzipFile(fileobj=file) if is_packed else file

    @property
    def bytes_read(self) -> int:
        """Of the file as it lies there, as far as one can tell."""
        return self._file.tell() if self.size is not None else self._bytes_read

    def beginning(self) -> str:
        """A hash by which the file is known again. The place of reading does not change."""
        return sha256(os.pread(self._file.fileno(), HASHED_BYTES, 0)).hexdigest()

    def chunks(self, offset: int) -> Iterator[bytes]:
        try:
            if offset:
                self._unpacked.seek(offset)
            chunk = self._unpacked.read(FIRST_BYTES)
            while chunk:
                self._bytes_read += len(chunk)
                yield chunk
                # Not `read`, which loses what it has when it comes to where the file is damaged.
                chunk = self._unpacked.read1(self._chunk_bytes)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self.is_damaged = True


@contextmanager
def open_source(path: Path, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Source]:
    with _open(path) as file:
        yield Source(file, path, chunk_bytes)


def _open(path: Path) -> BufferedReader:
    if path == STANDARD_INPUT:
        return os.fdopen(0, "rb", closefd=False)
    try:
        return path.open("rb")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Name a file, or - for standard input.") from error
