"""What lies in the lake, and how far behind the database it is."""

from datetime import datetime

import msgspec
from psycopg import Connection

from core.settings import Settings
from lake.export import School, find_schools
from lake.manifest import read_manifest
from lake.snapshot import connected
from lake.store import Store, open_store

BEHIND = """
select count(*)
from ingest.batch_tenants
inner join ingest.batches on batch_tenants.batch_id = batches.batch_id
where batch_tenants.tenant_id = %s and (batches.number is null or batches.number > %s)
"""


class TableStatus(msgspec.Struct, frozen=True):
    table: str
    files: int
    rows: int
    bytes: int


class LakeStatus(msgspec.Struct, frozen=True):
    """Of one tenant. No `exported_at`: never exported."""

    tenant: str
    catalogue: str
    exported_at: datetime | None
    marts_as_of: datetime | None
    batches_behind: int
    tables: list[TableStatus]


def lake_status(settings: Settings, tenant: str | None = None) -> list[LakeStatus]:
    store = open_store(settings)
    with connected(settings) as connection:
        return [_status(store, connection, school) for school in find_schools(connection, tenant)]


def _status(store: Store, connection: Connection, school: School) -> LakeStatus:
    manifest = read_manifest(store, school.slug)
    if manifest is not None and manifest.tenant != school.uuid:
        manifest = None
    row = connection.execute(BEHIND, [school.tenant_id, manifest.position if manifest else 0]).fetchone()
    return LakeStatus(
        tenant=school.slug,
        catalogue=f"{store.root}{school.slug}/catalogue.duckdb",
        exported_at=manifest.exported_at if manifest else None,
        marts_as_of=manifest.marts_as_of if manifest else None,
        batches_behind=int(row[0]) if row else 0,
        tables=[
            TableStatus(name, len(contents.parts), contents.rows, contents.bytes)
            for name, contents in (manifest.tables if manifest else {}).items()
        ],
    )
