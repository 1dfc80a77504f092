"""Who knocks: a key and secret to a credential, looked up in the database, remembered for a few seconds."""

import asyncio
import base64
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from psycopg.rows import class_row

from core.secrets import SecretKey
from core.settings import LrsSettings
from core.xapi.agents import actor
from core.xapi.keys import agent_key
from lrs.database import Database
from lrs.errors import AWAY, RequestError, UnavailableError
from lrs.limits import Guessing

REMEMBERED = 10_000
FIND = "select * from control.find_credential(%s)"


class UnknownCredentialError(RequestError):
    def __init__(self) -> None:
        message = "The key or its secret is wrong, or it was revoked."
        super().__init__(401, "unauthorized", message, {"WWW-Authenticate": 'Basic realm="xAPI"'})


@dataclass(frozen=True)
class Found:
    tenant_id: int
    tenant_uuid: UUID
    slug: str
    is_active: bool
    credential_id: UUID
    secret_hash: bytes
    scopes: list[str]
    authority: bytes
    bound_actor: bytes | None
    bound_registration: UUID | None
    expires_at: datetime | None
    revoked_at: datetime | None
    allowed_origins: list[str]


@dataclass(frozen=True)
class Credential:
    """One that is in force, with what requests need of it."""

    tenant_id: int
    tenant_uuid: UUID
    slug: str
    credential_id: str
    scopes: frozenset[str]
    authority: bytes
    bound_actor_key: bytes | None
    bound_registration: str | None
    expires_at: datetime | None
    allowed_origins: frozenset[str]


@dataclass
class Remembered:
    credential: Credential | None
    confirmed_at: float
    check_at: float


class Credentials:
    def __init__(self, database: Database, key: SecretKey, settings: LrsSettings) -> None:
        self._database = database
        self._key = key
        self._settings = settings
        self._known: dict[bytes, Remembered] = {}
        self._guessing = Guessing()
        self._looking: dict[bytes, asyncio.Task[Credential | None]] = {}

    async def identify(self, authorization: str | None, address: str) -> Credential:
        if not authorization:
            raise UnknownCredentialError
        try:
            return await self._identify(authorization)
        except UnknownCredentialError:
            await self._guessing.slow_down(address, _key_id(authorization))
            raise

    async def _identify(self, authorization: str) -> Credential:
        # Remembered by a digest: the secrets themselves do not stay in memory.
        mark = sha256(authorization.encode("latin-1", "replace")).digest()
        known = self._known.get(mark)
        if known is None or time.monotonic() > known.check_at:
            known = await self._refresh(mark, authorization, known)
        credential = known.credential
        if credential is None or (credential.expires_at and credential.expires_at <= datetime.now(UTC)):
            raise UnknownCredentialError
        return credential

    async def _refresh(self, mark: bytes, authorization: str, known: Remembered | None) -> Remembered:
        try:
            found = await self._look_up_once(mark, authorization)
        except AWAY as error:
            if known and known.credential and time.monotonic() - known.confirmed_at < self._settings.auth_grace:
                # Not asked again at once: each request would wait for the connection that does not come.
                known.check_at = time.monotonic() + self._settings.auth_refresh
                return known
            raise UnavailableError("The database cannot be reached, and this key was not seen lately.") from error
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        now = time.monotonic()
        remembered = Remembered(found, now, now + self._settings.auth_refresh)
        self._known[mark] = remembered
        return remembered

    async def _look_up_once(self, mark: bytes, authorization: str) -> Credential | None:
        """Requests that come at once with the same key wait for one look-up."""
        task = self._looking.get(mark)
        if task is None:
            task = asyncio.create_task(self._look_up(authorization))
            self._looking[mark] = task
            task.add_done_callback(lambda _: self._looking.pop(mark, None))
        return await asyncio.shield(task)

    async def _look_up(self, authorization: str) -> Credential | None:
        key_id, secret = parse_basic(authorization)
        async with self._database.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Found))
            found = await (await cursor.execute(FIND, [key_id])).fetchone()
        # The same work for an unknown key as for a wrong secret.
        expected = found.secret_hash if found else bytes(32)
        is_right = hmac.compare_digest(self._key.hash_api_secret(secret), expected)
        if not found or not is_right or found.revoked_at or not found.is_active:
            return None
        return in_force(found)


def parse_basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise UnknownCredentialError
    try:
        key_id, separator, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        # No base64, no ASCII, no UTF-8.
        raise UnknownCredentialError from error
    if not separator or "\0" in key_id:
        raise UnknownCredentialError
    return key_id, secret


def in_force(found: Found) -> Credential:
    bound = actor(found.bound_actor) if found.bound_actor else None
    return Credential(
        tenant_id=found.tenant_id,
        tenant_uuid=found.tenant_uuid,
        slug=found.slug,
        credential_id=str(found.credential_id),
        scopes=frozenset(found.scopes),
        authority=found.authority,
        bound_actor_key=agent_key(found.tenant_id, bound) if bound else None,
        bound_registration=str(found.bound_registration) if found.bound_registration else None,
        expires_at=found.expires_at,
        allowed_origins=frozenset(found.allowed_origins),
    )


def _key_id(authorization: str) -> str:
    try:
        return parse_basic(authorization)[0][:100]
    except UnknownCredentialError:
        return ""
