"""New lines of a log file, as they are written."""

import time
from collections.abc import Iterator
from pathlib import Path

POLL_INTERVAL = 0.2


def follow(path: Path) -> Iterator[str]:
    """From the present end, for ever; a rotation, which truncates the file, begins it anew."""
    position = path.stat().st_size
    while True:
        size = path.stat().st_size
        position = position if size >= position else 0
        with path.open("rb") as file:
            file.seek(position)
            text = file.read()
            position = file.tell()
        if text:
            yield text.decode("utf-8", "replace")
        time.sleep(POLL_INTERVAL)
