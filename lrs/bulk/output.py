"""Where exported statements are written: a file that is there only when it is whole, or standard output."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from gzip import GzipFile
from pathlib import Path
from typing import IO

from core.errors import UserError

File = IO[bytes] | GzipFile


class Lines:
    def __init__(self, file: File) -> None:
        self._file = file

    def add(self, texts: Sequence[bytes]) -> None:
        self._file.write(b"\n".join(texts) + b"\n")

    def end(self) -> None:
        self._file.flush()


class Array:
    def __init__(self, file: File) -> None:
        self._file = file
        self._before = b"[\n"

    def add(self, texts: Sequence[bytes]) -> None:
        self._file.write(self._before + b",\n".join(texts))
        self._before = b",\n"

    def end(self) -> None:
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
        self._file.flush()


@contextmanager
def open_output(path: Path | None, *, is_packed: bool) -> Iterator[File]:
    with _whole(path) if path else _standard_output() as file:
        if not is_packed:
            yield file
            return
        with GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
            yield packed


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
    except ConnectionError:
        raise
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Name another file: --output.") from error


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    with os.fdopen(1, "wb", closefd=False) as file:
        yield file
