"""What the supervisor must know to run one process."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from local.command import Command
from local.preparation import Preparation


@dataclass(frozen=True)
class Process:
    """`prepare` makes all the process needs, once, and returns how to run it."""

    name: str
    prepare: Callable[[Preparation], Command]
    after: tuple[str, ...] = ()
    ready: Callable[[], bool] | None = None
    on_ready: Callable[[], None] | None = None
    once: bool = False
    port: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    start_timeout: float = 60.0


def in_order(processes: list[Process]) -> list[Process]:
    """Each after what it needs."""
    known = {process.name: process for process in processes}
    ordered: dict[str, Process] = {}

    def visit(process: Process, path: tuple[str, ...]) -> None:
        if process.name in path:
            raise ValueError(f"processes wait for one another: {' -> '.join((*path, process.name))}")
        for name in process.after:
            visit(known[name], (*path, process.name))
        ordered.setdefault(process.name, process)

    for process in processes:
        visit(process, ())
    return list(ordered.values())
