"""Up to when all that was stored can be read: X-Experience-API-Consistent-Through."""

import time
from datetime import datetime

from lrs.database import Database

CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
QUERY = "select ingest.consistent_through()"
# An older answer is as true, only earlier.
FRESH_FOR = 0.02


class Consistency:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._through: datetime | None = None
        self._asked_at = 0.0

    async def through(self) -> datetime:
        if self._through is None or time.monotonic() - self._asked_at > FRESH_FOR:
            asked_at = time.monotonic()
            async with self._database.connection() as connection:
                row = await (await connection.execute(QUERY)).fetchone()
            if row is None:
                raise RuntimeError("consistent_through gave no row")
            self._through, self._asked_at = row[0], asked_at
        return self._through
