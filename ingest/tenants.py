"""Which tenant a uuid on the wire stands for."""

from collections.abc import Callable
from uuid import UUID

from psycopg import Connection


class Tenants:
    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._ids: dict[UUID, int] = {}

    def find(self, tenant: UUID) -> int | None:
        return self._ids.get(tenant)

    def refresh(self) -> None:
        rows = self._connect().execute("select tenant_uuid, tenant_id from control.tenants")
        self._ids = {row[0]: row[1] for row in rows}
