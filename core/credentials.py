"""The keys that content and tools knock with. The secret is shown once and kept as a keyed hash."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, errors
from psycopg.rows import class_row

from core.audit import record_act
from core.errors import UserError
from core.secrets import SecretKey, new_api_key_id, new_api_secret
from core.tenants import find_tenant
from core.xapi.agents import Agent, actor
from core.xapi.errors import StatementError
from core.xapi.keys import agent_key

SCOPES = (
    "statements/write",
    "statements/read/mine",
    "statements/read",
    "state",
    "define",
    "profile",
    "all/read",
    "all",
    # What the school's own LMS needs; `all` does not hold it.
    "events/write",
)
# What a launched piece of content needs, and no look at what others did.
DEFAULT_SCOPES = ("statements/write", "statements/read/mine", "state", "profile", "define")


@dataclass(frozen=True)
class NewCredential:
    name: str
    scopes: Sequence[str] = DEFAULT_SCOPES
    authority: Mapping[str, Any] | None = None
    bound_actor: Mapping[str, Any] | None = None
    bound_registration: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Credential:
    credential_id: UUID
    key_id: str
    name: str
    scopes: list[str]
    authority: dict[str, Any]
    bound_actor: dict[str, Any] | None
    bound_registration: UUID | None
    expires_at: datetime | None
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class IssuedCredential:
    credential: Credential
    secret: str


SELECT_CREDENTIALS = """
select
    credential_id, key_id, name, scopes, authority, bound_actor, bound_registration, expires_at, created_at, revoked_at
from control.credentials
"""


def create_credential(
    connection: Connection, slug: str, new: NewCredential, key: SecretKey, home_page: str
) -> IssuedCredential:
    """Without an authority of its own, statements are vouched for by an account of this installation."""
    _check_scopes(new.scopes)
    if new.bound_registration and not new.bound_actor:
        raise UserError("A credential bound to a registration also needs an actor.", "Give --actor as well.")
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        key_id, secret = new_api_key_id(), new_api_secret()
        authority = new.authority or {
            "objectType": "Agent",
            "name": new.name,
            "account": {"homePage": home_page, "name": key_id},
        }
        vouching = _agent("authority", authority)
        try:
            connection.execute(
                "insert into control.credentials (tenant_id, key_id, secret_hash, name, scopes, authority, "
                "authority_key, bound_actor, bound_registration, expires_at) "
                "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    tenant.tenant_id,
                    key_id,
                    key.hash_api_secret(secret),
                    new.name,
                    list(new.scopes),
                    vouching.text.decode(),
                    agent_key(tenant.tenant_id, vouching).hex(),
                    _agent("actor", new.bound_actor).text.decode() if new.bound_actor else None,
                    new.bound_registration,
                    new.expires_at,
                ],
            )
        except errors.UniqueViolation as error:
            raise UserError(
                f"{slug} has a credential named {new.name!r} already.", "Choose another name, or revoke that one."
            ) from error
        detail = {"key_id": key_id, "scopes": list(new.scopes)}
        record_act(connection, tenant.tenant_id, "credential.create", new.name, detail)
        return IssuedCredential(find_credential(connection, slug, new.name), secret)


def list_credentials(connection: Connection, slug: str) -> list[Credential]:
    tenant = find_tenant(connection, slug)
    with connection.cursor(row_factory=class_row(Credential)) as cursor:
        return cursor.execute(
            f"{SELECT_CREDENTIALS} where tenant_id = %s order by created_at, key_id", [tenant.tenant_id]
        ).fetchall()


def find_credential(connection: Connection, slug: str, name: str) -> Credential:
    """By name or key; a revoked one only by its key, since its name may be in use again."""
    tenant = find_tenant(connection, slug)
    with connection.cursor(row_factory=class_row(Credential)) as cursor:
        found = cursor.execute(
            f"{SELECT_CREDENTIALS} where tenant_id = %s and (key_id = %s or (name = %s and revoked_at is null))",
            [tenant.tenant_id, name, name],
        ).fetchone()
    if found is None:
        raise UserError(
            f"{slug} has no credential {name!r} in force.", f"`lyceum credentials list {slug}` shows all of them."
        )
    return found


def revoke_credential(connection: Connection, slug: str, name: str) -> Credential:
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        found = find_credential(connection, slug, name)
        connection.execute(
            "update control.credentials set revoked_at = coalesce(revoked_at, now()) "
            "where tenant_id = %s and credential_id = %s",
            [tenant.tenant_id, found.credential_id],
        )
        record_act(connection, tenant.tenant_id, "credential.revoke", found.name, {"key_id": found.key_id})
        return find_credential(connection, slug, found.key_id)


def rotate_credential(connection: Connection, slug: str, name: str, key: SecretKey) -> IssuedCredential:
    """The same key with a new secret; the old secret ends at once."""
    with connection.transaction():
        tenant = find_tenant(connection, slug)
        found = find_credential(connection, slug, name)
        if found.revoked_at is not None:
            raise UserError(f"The credential {found.key_id} is revoked.", "Create a new one.")
        secret = new_api_secret()
        connection.execute(
            "update control.credentials set secret_hash = %s where tenant_id = %s and credential_id = %s",
            [key.hash_api_secret(secret), tenant.tenant_id, found.credential_id],
        )
        record_act(connection, tenant.tenant_id, "credential.rotate", found.name, {"key_id": found.key_id})
        return IssuedCredential(found, secret)


def _check_scopes(scopes: Sequence[str]) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise UserError(f"Unknown scope: {', '.join(unknown) or 'none given'}.", f"Allowed: {', '.join(SCOPES)}.")


def _agent(what: str, given: Mapping[str, Any]) -> Agent:
    try:
        return actor(json.dumps(given).encode())
    except StatementError as error:
        raise UserError(f"The {what} is no agent: {error.message}", error.remedy) from error
