"""How far an import or export has come: a bar in a terminal, a line every few seconds elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


class BulkProgress:
    def __init__(
        self, console: Console, verb: str, total_bytes: int | None = None, line_seconds: float = LINE_SECONDS
    ) -> None:
        self._console = console
        self._verb = verb
        self._total = total_bytes
        self._line_seconds = line_seconds
        self._said_at = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[seen]}"))
        self._bar = Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task(verb, total=total_bytes, seen="")

    def __enter__(self) -> "BulkProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, statements: int, bytes_read: int = 0) -> None:
        share = f" ({bytes_read * 100 // self._total} %)" if self._total else ""
        seen = f"{statements:,} statements{share}"
        self._bar.update(self._task, completed=bytes_read, seen=seen)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._said_at >= self._line_seconds:
            self._said_at = now
            self._console.print(f"{self._verb}: {seen}", soft_wrap=True)
