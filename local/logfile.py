"""The log file of one process."""

import shutil
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 20 << 20


def open_log(path: Path) -> BinaryIO:
    rotate(path)
    return path.open("ab")


def rotate(path: Path, most: int = MOST_BYTES) -> None:
    """By copy and truncation: the process keeps writing into the same open file, at its new end."""
    if path.exists() and path.stat().st_size > most:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        with path.open("r+b") as file:
            file.truncate(0)


def last_lines(path: Path, count: int) -> list[str]:
    """From the last 64 KiB at most."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (64 << 10)))
        return file.read().decode("utf-8", "replace").splitlines()[-count:]
