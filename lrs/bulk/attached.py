"""Attachments of imported statements: a file of JSON brings no data, so what it names must be there already."""

import asyncio
from collections.abc import Callable

from psycopg import Connection

from core.xapi.errors import StatementError
from core.xapi.statements import Statement
from core.xapi.versions import Version
from lrs.attachments import LISTED
from lrs.credentials import Credential
from lrs.database import NAME_TENANT
from lrs.incoming import named_by
from lrs.signatures import check_signature
from lrs.storage import Storage

REMEMBERED = 100_000


class MissingDataError(StatementError):
    pass


class KeptData:
    """What the tenant has sent of attachments' data before."""

    def __init__(self, connection: Connection, credential: Credential, storage: Callable[[], Storage]) -> None:
        self._connection = connection
        self._credential = credential
        self._storage = storage
        self._known: set[str] = set()

    def has(self, sha2: str) -> bool:
        if sha2 not in self._known and self._is_listed(sha2):
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known.add(sha2)
        return sha2 in self._known

    def read(self, sha2: str) -> bytes:
        return asyncio.run(self._read(sha2))

    async def _read(self, sha2: str) -> bytes:
        return b"".join([piece async for piece in self._storage().read(self._credential.tenant_uuid, sha2)])

    def _is_listed(self, sha2: str) -> bool:
        with self._connection.transaction():
            self._connection.execute(NAME_TENANT, [str(self._credential.tenant_id)])
            return self._connection.execute(LISTED, [[sha2]]).fetchone() is not None


def check_attachments(statement: Statement, version: Version, kept: KeptData) -> None:
    for one in named_by(statement):
        if one.attachment.file_url is not None and one.signs is None:
            continue
        if not kept.has(one.attachment.sha2):
            raise MissingDataError(one.path, "no data", "a fileUrl, or data that this tenant has sent before")
        if one.signs is not None:
            _check_signature(one.path, one.signs, one.attachment.sha2, version, kept)


def _check_signature(path: str, statement: Statement, sha2: str, version: Version, kept: KeptData) -> None:
    try:
        check_signature(statement, kept.read(sha2), version)
    except FileNotFoundError:
        raise MissingDataError(path, "no data in the storage", "the data of the signature") from None
    except StatementError as error:
        raise error.under(path) from None
