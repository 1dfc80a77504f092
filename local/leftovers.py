"""Processes of a home folder that outlived their supervisor, and the end of them."""

import signal
from contextlib import suppress
from pathlib import Path

import psutil

from local.child import HOME_MARK, NAME_MARK


def leftovers(home: Path, name: str | None = None) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _belongs(process, home, name)]


def end(processes: list[psutil.Process], grace: float = 5.0) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=grace)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=grace)


def _belongs(process: psutil.Process, home: Path, name: str | None) -> bool:
    try:
        marks = process.environ()
        if marks.get(HOME_MARK) == str(home) and name in (None, marks.get(NAME_MARK)):
            return process.status() != psutil.STATUS_ZOMBIE
        return name in (None, "database") and _is_backend(process, home)
    except (psutil.Error, OSError):
        return False


def _is_backend(process: psutil.Process, home: Path) -> bool:
    """PostgreSQL's backends write their titles over their environment, and each leads a session of its own."""
    title = process.cmdline()[:1]
    return bool(title) and title[0].startswith("postgres:") and Path(process.cwd()).parent == home / "data"
