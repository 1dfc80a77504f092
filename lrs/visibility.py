"""Waits until ingest has written what was just published, so that whoever sent it can read it.

Only while ingest keeps up: who would wait in vain does not wait at all.
"""

import asyncio
import heapq
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from psycopg import AsyncConnection, Error

from core.database.silence import break_off
from lrs.publisher import Published

CHANNEL = "lyceum_ingested"
TRY_AGAIN = 0.5

log = structlog.get_logger("lrs.visibility")
Partition = tuple[str, int]
Waiting = tuple[int, int, "asyncio.Future[None]"]


class Positions:
    """How far each partition is written, and who waits for more."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._next: dict[Partition, int] = {}
        # An offset that was waited for in vain: until it is written, ingest is behind.
        self._behind: dict[Partition, int] = {}
        self._waiting: dict[Partition, list[Waiting]] = {}
        self._count = 0

    async def wait_for(self, published: Published) -> bool:
        """Whether it can be read."""
        place = (str(published.topic_id), published.partition)
        if self._next.get(place, 0) > published.offset:
            return True
        if place in self._behind or not self._longest:
            return False
        written = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting.setdefault(place, []), (published.offset, self._count, written))
        try:
            await asyncio.wait_for(written, self._longest)
        except TimeoutError:
            self._behind[place] = max(published.offset, self._behind.get(place, 0))
            return False
        return True

    def moved(self, topic: str, positions: dict[int, int]) -> None:
        for partition, next_offset in positions.items():
            place = (topic, partition)
            self._next[place] = max(next_offset, self._next.get(place, 0))
            if self._behind.get(place, next_offset) < next_offset:
                del self._behind[place]
            waiting = self._waiting.get(place, [])
            while waiting and waiting[0][0] < next_offset:
                written = heapq.heappop(waiting)[2]
                if not written.done():
                    written.set_result(None)

    def lose(self) -> None:
        """Nothing is heard: nobody waits."""
        for place, waiting in self._waiting.items():
            self._behind[place] = max((offset for offset, _, _ in waiting), default=0)
            for _, _, written in waiting:
                if not written.done():
                    written.set_exception(TimeoutError())
        self._waiting.clear()


class Listener:
    """Hears of ingest's commits on a connection of its own."""

    def __init__(self, conninfo: str, positions: Positions) -> None:
        self._conninfo = conninfo
        self._positions = positions
        self._task: asyncio.Task[None] | None = None
        self._connection: AsyncConnection | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def break_off(self) -> None:
        """The database does not answer: it may have forgotten who listens."""
        if self._connection is not None:
            break_off(self._connection)

    async def _run(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                    self._connection = connection
                    await self._listen(connection)
            except (Error, OSError) as error:
                log.debug("not listening", error=str(error))
            self._positions.lose()
            await asyncio.sleep(TRY_AGAIN)

    async def _listen(self, connection: AsyncConnection) -> None:
        await connection.execute(f"listen {CHANNEL}")
        async for notice in connection.notifies():
            said: dict[str, Any] = msgspec.json.decode(notice.payload)
            self._positions.moved(said["topic"], {int(key): value for key, value in said["positions"].items()})
