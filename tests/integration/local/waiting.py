"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], within: float = 20.0) -> float:
    """How long it took."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < within, f"{condition.__name__} did not hold within {within} s"
        time.sleep(0.02)
    return time.monotonic() - began
