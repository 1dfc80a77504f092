"""Up to when all that was stored can be read: X-Experience-API-Consistent-Through."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from lrs.database import Database

CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
QUERY = "select ingest.consistent_through(%s)"
# An older answer is as true, only earlier.
FRESH_FOR = 0.02
REMEMBERED = 10_000
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Answer(NamedTuple):
    through: datetime
    asked_at: float


class Consistency:
    def __init__(self, database: Database, is_known: Callable[[], bool]) -> None:
        """Until it is known which partitions there are, nothing is."""
        self._database = database
        self._is_known = is_known
        self._answers: dict[int, Answer] = {}

    async def through(self, tenant_id: int) -> datetime:
        if not self._is_known():
            return NEVER
        known = self._answers.get(tenant_id)
        if known is None or time.monotonic() - known.asked_at > FRESH_FOR:
            known = await self._ask(tenant_id)
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            self._answers[tenant_id] = known
        return known.through

    async def _ask(self, tenant_id: int) -> Answer:
        asked_at = time.monotonic()
        ((through,),) = await self._database.fetch(tenant_id, QUERY, [tenant_id])
        return Answer(through, asked_at)
