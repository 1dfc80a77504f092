"""Brings the lake up to the last batch that is committed."""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from core.errors import UserError
from core.settings import Settings
from lake.catalogue import make_catalogue
from lake.manifest import (
    Contents,
    Manifest,
    Part,
    Replaced,
    catalogue_path,
    manifest_path,
    read_manifest,
    write_manifest,
)
from lake.parts import describe, write_part
from lake.slices import read_slices
from lake.snapshot import Snapshot, connected, lake_turn, snapshot
from lake.statements import new_months, statement_states, statements_table
from lake.store import Store, open_store
from lake.tables import WHOLE, Table, mart_states

# A file that was written: tenant, table, month, rows.
Progress = Callable[[str, str, str, int], None]


class Exported(msgspec.Struct, frozen=True):
    """What an export did for one tenant. `marts_wait`: a refresh was broken off, so the marts are as they were."""

    tenant: str
    position: int
    files: int
    rows: int
    bytes: int
    seconds: float
    marts_wait: bool


class School(NamedTuple):
    tenant_id: int
    uuid: UUID
    slug: str


class Work(NamedTuple):
    """What an export of one tenant needs."""

    store: Store
    connection: Connection
    school: School
    before: Manifest | None
    full: bool
    token: str
    progress: Progress


def export(
    settings: Settings,
    *,
    tenant: str | None = None,
    full: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
) -> list[Exported]:
    """All tenants, or one. `full`: also what is as it was."""
    store = store or open_store(settings)
    keep = timedelta(hours=settings.lake.keep_hours)
    with lake_turn(settings), connected(settings) as connection, connected(settings) as beside:
        done = []
        for school in find_schools(connection, tenant):
            before = _before(connection, store, school)
            work = Work(store, connection, school, before, full, secrets.token_hex(6), progress or _nothing)
            done.append(_export_tenant(work, beside, keep))
        return done


def find_schools(connection: Connection, slug: str | None) -> list[School]:
    rows = connection.execute(
        "select tenant_id, tenant_uuid, slug from control.tenants where %(slug)s::text is null or slug = %(slug)s "
        "order by slug",
        {"slug": slug},
    ).fetchall()
    if slug is not None and not rows:
        raise UserError(f"There is no tenant {slug!r}.", "`lyceum tenants list` shows all.")
    return [School(*row) for row in rows]


def _before(connection: Connection, store: Store, school: School) -> Manifest | None:
    """None where it is another database's: its tenant, or a position that this one has not reached."""
    manifest = read_manifest(store, school.slug)
    if manifest is None or manifest.tenant != school.uuid or manifest.position > _last_number(connection):
        return None
    return manifest


def _export_tenant(work: Work, beside: Connection, keep: timedelta) -> Exported:
    began = time.monotonic()
    # First: whatever commits later has a greater number, and comes with the next export.
    position = _last_number(work.connection)
    with snapshot(work.connection, beside, work.school.tenant_id) as taken:
        tables = {"statements": _export_statements(work), **_export_marts(work, taken)}
    after = _manifest(work, tables, taken, position, keep)
    if work.before is None or _differs(after, work.before):
        # Last the manifest: an export that breaks off before it did not happen.
        work.store.put(catalogue_path(work.school.slug), make_catalogue(work.school.slug, after))
        write_manifest(work.store, work.school.slug, after)
    _clean(work.store, work.school.slug, after)
    return _exported(work, after, taken.marts is None, time.monotonic() - began)


def _last_number(connection: Connection) -> int:
    row = connection.execute("select ingest.number_batches()").fetchone()
    return int(row[0]) if row else 0


def _export_statements(work: Work) -> Contents:
    table = statements_table()
    states = statement_states(work.connection, work.school.tenant_id)
    touched = set[str]()
    if work.before is not None:
        touched = new_months(work.connection, work.school.tenant_id, work.before.position)
    return _export_table(work, table, states, touched)


def _export_marts(work: Work, taken: Snapshot) -> dict[str, Contents]:
    if taken.marts is None:
        known = work.before.tables if work.before else {}
        return {name: contents for name, contents in known.items() if name != "statements"}
    return {
        mart.name: _export_table(work, mart, mart_states(work.connection, mart, work.school.tenant_id), set())
        for mart in taken.marts
    }


def _export_table(work: Work, table: Table, states: Mapping[str, str], touched: set[str]) -> Contents:
    columns = describe(table)
    known = work.before.tables.get(table.name) if work.before else None
    kept = known.parts if known and known.columns == columns and not work.full else {}
    parts: dict[str, Part] = {}
    # An empty table is a file, too, so that there is a view of it.
    for month, state in sorted(states.items() or {WHOLE: "0"}.items()):
        part = kept.get(month)
        if part is None or part.state != state or month in touched:
            part = _write(work, table, month, state)
        parts[month] = part
    return Contents(table.description, columns, parts)


def _write(work: Work, table: Table, month: str, state: str) -> Part:
    path = f"{work.school.slug}/{table.name}/{month}-{work.token}.parquet"
    query = table.query(work.school.tenant_id, month)
    part = write_part(work.store, table, read_slices(work.connection, query, table.columns), path)
    work.progress(work.school.slug, table.name, month, part.rows)
    return msgspec.structs.replace(part, state=state)


def _manifest(work: Work, tables: dict[str, Contents], taken: Snapshot, position: int, keep: timedelta) -> Manifest:
    now = datetime.now(UTC)
    before = work.before
    marts_as_of = before.marts_as_of if taken.marts is None and before else taken.marts_as_of
    after = Manifest(
        tenant=work.school.uuid, exported_at=now, position=position, marts_as_of=marts_as_of,
        root=work.store.root, tables=tables,
    )  # fmt: skip
    if before is None:
        return after
    replaced = [*before.replaced, *(Replaced(path, now) for path in sorted(before.paths - after.paths))]
    return msgspec.structs.replace(after, replaced=[one for one in replaced if one.at > now - keep])


def _differs(after: Manifest, before: Manifest) -> bool:
    return msgspec.structs.replace(after, exported_at=before.exported_at) != before


def _clean(store: Store, slug: str, manifest: Manifest) -> None:
    """What no reader is told of any more, and what an export that broke off has left."""
    wanted = manifest.paths | {one.path for one in manifest.replaced} | {manifest_path(slug), catalogue_path(slug)}
    store.delete(path for path in list(store.paths(f"{slug}/")) if path not in wanted)


def _exported(work: Work, after: Manifest, marts_wait: bool, seconds: float) -> Exported:
    known = work.before.paths if work.before else set()
    written = [part for contents in after.tables.values() for part in contents.parts.values() if part.path not in known]
    rows, size = sum(part.rows for part in written), sum(part.bytes for part in written)
    return Exported(work.school.slug, after.position, len(written), rows, size, seconds, marts_wait)


def _nothing(_tenant: str, _table: str, _month: str, _rows: int) -> None:
    pass
