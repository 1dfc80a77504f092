"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], within: float = 20.0, every: float = 0.02) -> float:
    """How long it took."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < within, f"{condition} did not hold within {within} s"
        time.sleep(every)
    return time.monotonic() - began
