"""The end of whatever runs in a home folder."""

import os
import signal
import time
from contextlib import suppress

from local.home import Home
from local.leftovers import end, leftovers

# The supervisor stops all within 10 s.
STOP_WITHIN = 15.0
POLL_INTERVAL = 0.05


def stop(home: Home) -> bool:
    """False when nothing ran."""
    supervisor = home.holder()
    if supervisor:
        _end_supervisor(home, supervisor)
    return clean(home) or supervisor is not None


def clean(home: Home) -> bool:
    """Ends what outlived its supervisor; false when nothing did."""
    left = leftovers(home.folder)
    end(left)
    home.unpublish()
    return bool(left)


def _end_supervisor(home: Home, supervisor: int) -> None:
    deadline = time.monotonic() + STOP_WITHIN
    with suppress(ProcessLookupError):
        os.kill(supervisor, signal.SIGTERM)
        while home.holder() == supervisor:
            if time.monotonic() > deadline:
                os.kill(supervisor, signal.SIGKILL)
            time.sleep(POLL_INTERVAL)
