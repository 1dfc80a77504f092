"""Whether the database answers. One that hangs, or is cut off, says nothing: so it is asked again and again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from psycopg import AsyncConnection, Error

from core.database.silence import break_off

EVERY = 1.0
PATIENCE = 2.0

log = structlog.get_logger("lrs.pulse")


class Pulse:
    def __init__(self, conninfo: str, lost: Callable[[], None]) -> None:
        self._conninfo = conninfo
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self.is_lost = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                    while True:
                        await _beat(connection)
                        self.is_lost = False
                        await asyncio.sleep(EVERY)
            except (Error, OSError) as error:
                if not self.is_lost:
                    log.warning("the database does not answer", error=str(error))
                self.is_lost = True
                self._lost()
            await asyncio.sleep(EVERY)


async def _beat(connection: AsyncConnection) -> None:
    timer = asyncio.get_running_loop().call_later(PATIENCE, break_off, connection)
    try:
        await connection.execute("select 1")
    finally:
        timer.cancel()
