"""What a process and all below it take of the machine's memory."""

import psutil


def proportional_bytes(pid: int) -> int | None:
    """PSS: a page that PostgreSQL's processes share counts once, not once for each."""
    try:
        process = psutil.Process(pid)
        return sum(_own_bytes(one) for one in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return None


def _own_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
