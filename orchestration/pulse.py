"""Whether a run that stays still lives. Dagster does not find out that the process of one was killed: its code server,
whose child it was, died with it. So the run says so itself, again and again, and who starts runs looks at that.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from dagster import DagsterInstance, DagsterRun

TAG = "lyceum/alive"
BEAT_EVERY = 10.0
DEAD_AFTER = 60.0
# Of a run that was last heard of before this code server began: whose child it was is gone.
DEAD_AFTER_RESTART = 15.0
BEGAN = time.time()

log = structlog.get_logger("orchestration")


@contextmanager
def beating(instance: DagsterInstance, run_id: str) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(instance, run_id, stop), name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def is_dead(run: DagsterRun, begun_at: float) -> bool:
    """`begun_at`: when it was last known to be under way by other means."""
    heard_at = float(run.tags.get(TAG, begun_at))
    return time.time() - heard_at > (DEAD_AFTER_RESTART if heard_at < BEGAN else DEAD_AFTER)


def _beat(instance: DagsterInstance, run_id: str, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            instance.add_run_tags(run_id, {TAG: f"{time.time():.0f}"})
        except Exception as error:  # noqa: BLE001 - the storage is away: the run's own work says so
            log.warning("no pulse", error=str(error))
        stop.wait(BEAT_EVERY)
