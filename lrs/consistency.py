"""Up to when all that was stored can be read: X-Experience-API-Consistent-Through."""

import time
from datetime import datetime
from typing import NamedTuple

from lrs.database import Database

CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
QUERY = "select ingest.consistent_through(%s, %s)"
# An older answer is as true, only earlier.
FRESH_FOR = 0.02
REMEMBERED = 10_000


class Answer(NamedTuple):
    through: datetime
    asked_at: float


class Consistency:
    def __init__(self, database: Database, *, is_publishing: bool) -> None:
        self._database = database
        self._is_publishing = is_publishing
        self._answers: dict[int, Answer] = {}

    async def through(self, tenant_id: int) -> datetime:
        known = self._answers.get(tenant_id)
        if known is None or time.monotonic() - known.asked_at > FRESH_FOR:
            known = await self._ask(tenant_id)
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            self._answers[tenant_id] = known
        return known.through

    async def _ask(self, tenant_id: int) -> Answer:
        asked_at = time.monotonic()
        ((through,),) = await self._database.fetch(tenant_id, QUERY, [tenant_id, self._is_publishing])
        return Answer(through, asked_at)
