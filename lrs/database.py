"""The LRS's connections for reading, and for documents. Each use names its tenant, for its transaction only."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakSet

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from core.database.address import role_conninfo
from core.database.silence import break_off
from core.settings import DatabaseSettings, LrsSettings
from lrs.pulse import Pulse

ROLE = "lyceum_lrs"
# How long nobody waits again for a database that did not answer.
AWAY_SECONDS = 1.0
NAME_TENANT = "select set_config('lyceum.tenant', %s, true)"
BEGIN_SNAPSHOT = "begin isolation level repeatable read, read only"
PLAN_ANEW = "set local plan_cache_mode = force_custom_plan"
Parameters = Mapping[str, Any] | Sequence[Any]


class Database:
    def __init__(self, database: DatabaseSettings, lrs: LrsSettings) -> None:
        self._away_until = 0.0
        self._errors = 0
        # Those that rest in the pool as well: they are as silent as the others.
        self._open: WeakSet[AsyncConnection] = WeakSet()
        # What else to do when the database stops to answer.
        self.when_lost: list[Callable[[], None]] = []
        self._pulse = Pulse(role_conninfo(database, ROLE), self._break_off)
        options = f"-c statement_timeout={int(lrs.query_timeout * 1000)} -c plan_cache_mode=force_generic_plan"
        self._pool = AsyncConnectionPool(
            role_conninfo(database, ROLE),
            kwargs={"autocommit": True, "options": options, "prepare_threshold": 2},
            min_size=1,
            max_size=lrs.pool_size,
            timeout=min(database.connect_timeout, 1.5),
            reconnect_timeout=1,
            configure=self._configure,
            open=False,
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)
        self._pulse.start()

    async def close(self) -> None:
        await self._pulse.stop()
        await self._pool.close()

    def pool_stats(self) -> dict[str, int]:
        return self._pool.get_stats()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Of no tenant yet: by itself for credentials, and the health of the database."""
        if self._pulse.is_lost or time.monotonic() < self._away_until:
            raise PoolTimeout("the database is away")
        try:
            async with self._pool.connection() as connection:
                yield connection
        except PoolTimeout:
            # Not for want of a free connection, but of any: the next need not wait for that again.
            if self._pool.get_stats().get("connections_errors", 0) > self._errors:
                self._errors = self._pool.get_stats()["connections_errors"]
                self._away_until = time.monotonic() + AWAY_SECONDS
            raise

    @asynccontextmanager
    async def transaction(self, tenant_id: int) -> AsyncIterator[AsyncConnection]:
        async with self.connection() as connection, connection.transaction():
            await connection.execute(NAME_TENANT, [str(tenant_id)])
            yield connection

    async def fetch(self, tenant_id: int, query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """One query in one transaction, in one round trip."""
        async with self.connection() as connection, connection.pipeline():
            async with connection.transaction():
                await connection.execute(NAME_TENANT, [str(tenant_id)])
                cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def snapshot(self, tenant_id: int, *, plan_anew: bool = False) -> AsyncIterator["Snapshot"]:
        """For several questions about one and the same state. `plan_anew`: the best plan depends on the parameters."""
        async with self.connection() as connection, connection.pipeline():
            await connection.execute(BEGIN_SNAPSHOT)
            if plan_anew:
                await connection.execute(PLAN_ANEW)
            await connection.execute(NAME_TENANT, [str(tenant_id)])
            yield Snapshot(connection)
            await connection.execute("commit")

    async def _configure(self, connection: AsyncConnection) -> None:
        connection.adapters.register_loader("json", AsReceived)
        self._open.add(connection)

    def _break_off(self) -> None:
        for connection in self._open:
            break_off(connection)
        for call in self.when_lost:
            call()


class Snapshot:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ask(self, parameters: Parameters, *queries: str) -> list[list[tuple[Any, ...]]]:
        """In one round trip."""
        cursors = [await self._connection.execute(query, parameters) for query in queries]
        return [await cursor.fetchall() for cursor in cursors]


class AsReceived(Loader):
    """JSON as the bytes it is: the LRS hands it on, and does not look into it."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)
