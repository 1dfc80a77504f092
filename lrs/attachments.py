"""The data of attachments: kept in object storage by its hash, each tenant's apart, and listed in the database."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from core.envelope import AttachmentData
from lrs.credentials import Credential
from lrs.database import Database
from lrs.storage import Storage

AT_ONCE = 8

LISTED = "select sha2 from xapi.attachments where sha2 = any(%s)"


class Delivered(NamedTuple):
    """Data that came with a request, under the hash that was found right."""

    sha2: str
    content_type: str
    content: memoryview


class Attachments:
    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def keep(self, credential: Credential, delivered: Sequence[Delivered]) -> list[AttachmentData]:
        """Before the statements are accepted: of an accepted statement nothing is missing. They list what is kept."""
        places = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._put(credential.tenant_uuid, one, places) for one in delivered))
        return [AttachmentData(one.sha2, one.content_type, len(one.content)) for one in delivered]

    async def kept(self, credential: Credential, hashes: Iterable[str]) -> set[str]:
        """Those among the hashes whose data the tenant has sent."""
        rows = await self._database.fetch(credential.tenant_id, LISTED, [list(hashes)])
        return {row[0] for row in rows}

    def read(self, credential: Credential, sha2: str) -> AsyncIterator[bytes]:
        return self._storage.read(credential.tenant_uuid, sha2)

    async def _put(self, tenant: UUID, delivered: Delivered, places: asyncio.Semaphore) -> None:
        async with places:
            await self._storage.put(tenant, delivered.sha2, delivered.content)
