"""Documents in the database: each at a place, which is an activity, an agent, or both, and there under its id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from psycopg import AsyncConnection
from psycopg.rows import class_row

from lrs.database import Database

Kind = Literal["state", "agent-profile", "activity-profile"]

KEY_BYTES = 16

# Two writers of one document take turns, also when it does not exist yet.
LOCK = "select pg_advisory_xact_lock(%s)"
FIND = "select content_type, content, etag, updated_at from xapi.documents where document_key = %s"
LIST = """
select document_id, max(updated_at)
from xapi.documents
where
    subject_key = %(subject_key)s
    and (%(registration)s::uuid is null or registration = %(registration)s)
    and (%(since)s::timestamptz is null or updated_at > %(since)s)
group by document_id
order by document_id
"""
UPSERT = """
insert into xapi.documents (
    tenant_id, kind, subject_key, agent_key, registration, document_id, document_key, content_type, content, etag,
    updated_at
)
values (
    %(tenant_id)s, %(kind)s, %(subject_key)s, %(agent_key)s, %(registration)s, %(document_id)s, %(document_key)s,
    %(content_type)s, %(content)b, %(etag)s, date_trunc('milliseconds', clock_timestamp())
)
on conflict (tenant_id, document_key) do update
set content_type = excluded.content_type, content = excluded.content, etag = excluded.etag,
    updated_at = excluded.updated_at
"""
DELETE = "delete from xapi.documents where document_key = %s"
DELETE_ALL = """
delete from xapi.documents
where subject_key = %(subject_key)s and (%(registration)s::uuid is null or registration = %(registration)s)
"""


@dataclass(frozen=True)
class Place:
    tenant_id: int
    kind: Kind
    activity_key: bytes | None = None
    agent_key: bytes | None = None
    registration: str | None = None

    @property
    def subject_key(self) -> bytes:
        return _key(self.kind.encode(), self.activity_key or b"", self.agent_key or b"")

    def document_key(self, document_id: str) -> bytes:
        return _key(self.subject_key, (self.registration or "").encode(), document_id.encode())


@dataclass(frozen=True)
class Document:
    content_type: str
    content: bytes
    etag: str
    updated_at: datetime


class Transaction:
    """On one document, which nobody else changes meanwhile."""

    def __init__(self, connection: AsyncConnection, place: Place, document_id: str) -> None:
        self._connection = connection
        self._place = place
        self._document_id = document_id
        self._key = place.document_key(document_id)

    async def find(self) -> Document | None:
        cursor = self._connection.cursor(row_factory=class_row(Document))
        return await (await cursor.execute(FIND, [self._key.hex()])).fetchone()

    async def store(self, content_type: str, content: bytes, etag: str) -> None:
        given = _columns(self._place) | {
            "document_id": self._document_id,
            "document_key": self._key.hex(),
            "content_type": content_type,
            "content": content,
            "etag": etag,
        }
        await self._connection.execute(UPSERT, given)

    async def delete(self) -> None:
        await self._connection.execute(DELETE, [self._key.hex()])


@asynccontextmanager
async def change(database: Database, place: Place, document_id: str) -> AsyncIterator[Transaction]:
    async with database.transaction(place.tenant_id) as connection:
        await connection.execute(LOCK, [_lock_number(place.document_key(document_id))])
        yield Transaction(connection, place, document_id)


async def find(database: Database, place: Place, document_id: str) -> Document | None:
    rows = await database.fetch(place.tenant_id, FIND, [place.document_key(document_id).hex()])
    return Document(*rows[0]) if rows else None


async def list_ids(database: Database, place: Place, since: datetime | None) -> list[tuple[str, datetime]]:
    rows = await database.fetch(place.tenant_id, LIST, _columns(place) | {"since": since})
    return [(document_id, updated_at) for document_id, updated_at in rows]


async def delete_all(database: Database, place: Place) -> None:
    async with database.transaction(place.tenant_id) as connection:
        # Two that delete overlapping sets of rows could wait for one another.
        await connection.execute(LOCK, [_lock_number(place.subject_key)])
        await connection.execute(DELETE_ALL, _columns(place))


def _columns(place: Place) -> dict[str, object]:
    return {
        "tenant_id": place.tenant_id,
        "kind": place.kind,
        "subject_key": place.subject_key.hex(),
        "agent_key": place.agent_key.hex() if place.agent_key else None,
        "registration": place.registration,
    }


def _key(*parts: bytes) -> bytes:
    """The tenant is in the keys of activities and agents."""
    return sha256(b"|".join(parts)).digest()[:KEY_BYTES]


def _lock_number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big", signed=True)
