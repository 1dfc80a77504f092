"""Whose CPU it was: the LRS's, PostgreSQL's, or the load generator's."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass
class Cost:
    """Seconds."""

    wall: float = 0
    lrs: float = 0
    database: float = 0
    client: float = 0


@contextmanager
def measured(lrs: psutil.Process, database: psutil.Process) -> Iterator[Cost]:
    """Filled in at the end."""
    cost = Cost()
    before = time.perf_counter(), family_seconds(lrs), family_seconds(database), time.process_time()
    yield cost
    after = time.perf_counter(), family_seconds(lrs), family_seconds(database), time.process_time()
    cost.wall, cost.lrs, cost.database, cost.client = (now - then for now, then in zip(after, before, strict=True))


def family_seconds(process: psutil.Process) -> float:
    """With its children, those that ended included."""
    living = sum(_seconds(child) for child in process.children(recursive=True))
    times = process.cpu_times()
    return float(living + times.user + times.system + times.children_user + times.children_system)


def resident_mb(process: psutil.Process) -> float:
    """Of the largest one, where workers are children."""
    return max(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return float(times.user + times.system)
