"""The LRS's connections for reading, and for documents. Each use names its tenant, for its transaction only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg_pool import AsyncConnectionPool

from core.database.address import role_conninfo
from core.settings import DatabaseSettings, LrsSettings

ROLE = "lyceum_lrs"
NAME_TENANT = "select set_config('lyceum.tenant', %s, true)"
BEGIN_SNAPSHOT = "begin isolation level repeatable read, read only"
Parameters = Mapping[str, Any] | Sequence[Any]


class Database:
    def __init__(self, database: DatabaseSettings, lrs: LrsSettings) -> None:
        self._timeout = database.connect_timeout
        options = f"-c statement_timeout={int(lrs.query_timeout * 1000)} -c plan_cache_mode=force_generic_plan"
        self._pool = AsyncConnectionPool(
            role_conninfo(database, ROLE),
            kwargs={"autocommit": True, "options": options, "prepare_threshold": 2},
            min_size=1,
            max_size=lrs.pool_size,
            timeout=database.connect_timeout,
            reconnect_timeout=1,
            configure=_configure,
            open=False,
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Of no tenant: for credentials, and the health of the database."""
        async with self._pool.connection() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, tenant_id: int) -> AsyncIterator[AsyncConnection]:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(NAME_TENANT, [str(tenant_id)])
            yield connection

    async def fetch(self, tenant_id: int, query: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """One query in one transaction, in one round trip."""
        async with self._pool.connection() as connection, connection.pipeline():
            async with connection.transaction():
                await connection.execute(NAME_TENANT, [str(tenant_id)])
                cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def snapshot(self, tenant_id: int) -> AsyncIterator["Snapshot"]:
        """For several questions about one and the same state."""
        async with self._pool.connection() as connection, connection.pipeline():
            await connection.execute(BEGIN_SNAPSHOT)
            await connection.execute(NAME_TENANT, [str(tenant_id)])
            yield Snapshot(connection)
            await connection.execute("commit")


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


async def _configure(connection: AsyncConnection) -> None:
    connection.adapters.register_loader("json", AsReceived)
