"""Who asks too often, and who guesses: slowed down, never the neighbours."""

import asyncio
import time
from collections import OrderedDict

from lrs.errors import RequestError

REMEMBERED = 10_000
FREE_FAILURES = 3
LONGEST_DELAY = 5.0


class RateLimit:
    """A bucket a tenant: `rate` tokens a second, and at most a second's worth at once. 0: no limit."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets: dict[int, tuple[float, float]] = {}

    def take(self, tenant_id: int) -> None:
        if not self._rate:
            return
        now = time.monotonic()
        tokens, then = self._buckets.get(tenant_id, (float(self._rate), now))
        tokens = min(float(self._rate), tokens + (now - then) * self._rate)
        if tokens < 1:
            self._buckets[tenant_id] = (tokens, now)
            raise RequestError(
                429, "rate_limit", f"More than {self._rate} requests a second for this tenant.", {"Retry-After": "1"}
            )
        self._buckets[tenant_id] = (tokens - 1, now)


class Guessing:
    """Failed logins by (address, key), since a whole school may share one address."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def slow_down(self, address: str, key_id: str) -> None:
        """After a failure: the third costs nothing yet, then twice as long each time."""
        mark = (address, key_id)
        failures = self._failures.pop(mark, 0) + 1
        self._failures[mark] = failures
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
        if failures > FREE_FAILURES:
            await asyncio.sleep(min(0.1 * 2 ** min(failures - FREE_FAILURES, 10), LONGEST_DELAY))
