"""Which tenant a name on the wire stands for."""

from collections.abc import Callable
from uuid import UUID

from psycopg import Connection


class Tenants:
    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._ids: dict[UUID, int] = {}
        self._named: dict[str, int] = {}

    def find(self, tenant: UUID) -> int | None:
        return self._ids.get(tenant)

    def find_named(self, name: str) -> int | None:
        """By its slug, or its uuid."""
        return self._named.get(name)

    def refresh(self) -> None:
        rows = self._connect().execute("select tenant_uuid, slug, tenant_id from control.tenants").fetchall()
        self._ids = {uuid: tenant_id for uuid, _, tenant_id in rows}
        self._named = {name: tenant_id for uuid, slug, tenant_id in rows for name in (slug, str(uuid))}
