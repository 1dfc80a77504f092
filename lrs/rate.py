"""How many statements came within the last minute, of all tenants together and of this process."""

import time
from collections.abc import Callable

SECONDS = 60


class Rate:
    """A slot for each second, so that it costs the same at any load."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots = [(-SECONDS, 0)] * SECONDS

    def add(self, count: int) -> None:
        second = int(self._clock())
        known, before = self._slots[second % SECONDS]
        self._slots[second % SECONDS] = (second, count + (before if known == second else 0))

    @property
    def per_minute(self) -> int:
        now = int(self._clock())
        return sum(count for second, count in self._slots if now - second < SECONDS)
