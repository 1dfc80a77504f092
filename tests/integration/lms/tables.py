"""What the lms tables of a tenant hold, so that two tenants can be compared; and how events get there."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection

from core.lms.apply import Applied, apply_events
from core.lms.events import Event
from core.lms.staging import prepare_staging
from core.lms.waiting import TenantEvent
from tests.harness.database import Database

# Which batch wrote a row, when an event began to wait, and keys that are made with the tenant's number.
OF_THE_WAY = ("tenant_id", "batch_id", "waiting_since", "activity_key")

COLUMNS = """
select class.relname, array_agg(attname::text order by attnum)
from pg_attribute inner join pg_class as class on attrelid = class.oid
where relnamespace = 'lms'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped and attname <> all(%s)
    and class.relname <> 'turns'
group by 1 order by 1
"""


def put(connection: Connection, events: Iterable[TenantEvent]) -> Applied:
    given = list(events)
    prepare_staging(connection)
    tenants = sorted({one.tenant_id for one in given})
    row = connection.execute("select ingest.open_batch('events', %s)", [tenants]).fetchone()
    assert row is not None
    return apply_events(connection, row[0], given)


def tell(database: Database, tenant_id: int, *events: Event) -> Applied:
    """In a transaction of its own."""
    with database.service("ingest") as connection:
        return put(connection, [TenantEvent(tenant_id, event) for event in events])


def contents(connection: Connection, tenant_id: int) -> dict[str, list[Any]]:
    return {
        table: [row[0] for row in connection.execute(_rows(table, columns), [[tenant_id]])]
        for table, columns in connection.execute(COLUMNS, [list(OF_THE_WAY)]).fetchall()
    }


def digests(connection: Connection, tenants: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Equal where the tables are."""
    found: dict[int, list[str]] = {tenant_id: [] for tenant_id in tenants}
    for table, columns in connection.execute(COLUMNS, [list(OF_THE_WAY)]).fetchall():
        of_table: dict[int, str] = dict(
            connection.execute(
                f"select tenant_id, md5(string_agg(row, E'\\n' order by row)) from ({_rows(table, columns)}) as rows "
                "group by tenant_id",
                [list(tenants)],
            ).fetchall()
        )
        for tenant_id, digest in found.items():
            digest.append(of_table.get(tenant_id, ""))
    return {tenant_id: tuple(digest) for tenant_id, digest in found.items()}


def _rows(table: str, columns: Sequence[str]) -> str:
    row = f'row({", ".join(columns)})::text collate "C" as row'
    return f"select {row}, tenant_id from lms.{table} where tenant_id = any(%s) order by 1"


def many_tenants(database: Database, count: int) -> list[int]:
    """Bare rows: no reader and no audit, which take a while."""
    with database.admin() as connection:
        rows = connection.execute(
            "insert into control.tenants (slug, name, batch_id) "
            "select 't' || gen_random_uuid(), 'T', 0 from generate_series(1, %s) returning tenant_id",
            [count],
        ).fetchall()
    return [row[0] for row in rows]
