"""Simulated terms in a database, as ingest writes them: statements, what the LMS tells, and the truth beside them."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from core.envelope import AcceptedStatement, Envelope
from core.lms.apply import apply_events
from core.lms.events import read_event
from core.lms.staging import prepare_staging as prepare_events
from core.lms.waiting import TenantEvent
from core.tenants import NewTenant, Pattern, Tenant, create_tenant
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from simulator.delivery.parcels import Parcel
from simulator.parameters import Parameters
from simulator.run import build_tenants
from simulator.simulate import simulate
from tests.harness.database import Database
from tests.harness.statements import AUTHORITY

CREDENTIAL = str(UUID(int=7))
FAR_FUTURE = datetime(2200, 1, 1, tzinfo=UTC)


class Term(NamedTuple):
    """What is sent, in the order in which it is; `as_of` by tenant."""

    parcels: list[Parcel]
    as_of: datetime
    folder: Path

    @property
    def statements(self) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.content == "statement"]

    @property
    def events(self) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.content == "event"]

    def truth(self, tenant: str, mart: str) -> list[dict[str, Any]]:
        path = self.folder / "truth" / tenant / f"{mart}.ndjson"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


class _Kept:
    def __init__(self) -> None:
        self.parcels: list[Parcel] = []

    def put(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def make_term(parameters: Parameters, folder: Path) -> Term:
    kept = _Kept()
    simulate(parameters, folder, kept)
    return Term(kept.parcels, _moment(build_tenants(parameters)[0].as_of), folder)


def make_tenants(database: Database, parameters: Parameters, tenant_uuid: UUID | None = None) -> dict[str, Tenant]:
    with database.admin() as connection:
        return {
            one.slug: create_tenant(
                connection,
                NewTenant(
                    one.slug, one.name, time_zone=one.zone, home_pages=one.sites.home_pages,
                    patterns=[Pattern.parse(f"{each.names}:{each.key_is}:{each.pattern}") for each in one.patterns],
                    tenant_uuid=tenant_uuid,
                ),
                database.key,
            )
            for one in build_tenants(parameters)
        }  # fmt: skip


def deliver(database: Database, tenants: dict[str, Tenant], parcels: Sequence[Parcel]) -> None:
    """As one batch of events and one of statements."""
    with database.service("ingest") as connection:
        put_events(connection, tenants, [parcel for parcel in parcels if parcel.content == "event"])
    with database.service("ingest") as connection:
        put_statements(connection, tenants, [parcel for parcel in parcels if parcel.content == "statement"])


def ids(parcels: Iterable[Parcel]) -> set[bytes]:
    return {parcel.text[7:43] for parcel in parcels}


def put_events(connection: Connection, tenants: dict[str, Tenant], parcels: Sequence[Parcel]) -> None:
    if parcels:
        prepare_events(connection)
        events = [TenantEvent(tenants[one.tenant].tenant_id, read_event(one.text, FAR_FUTURE)) for one in parcels]
        apply_events(connection, _batch(connection, "events", tenants, parcels), events)


def put_statements(connection: Connection, tenants: dict[str, Tenant], parcels: Sequence[Parcel]) -> None:
    if parcels:
        prepare_staging(connection)
        connection.execute("set local synchronous_commit = off")
        batch_id = _batch(connection, "statements", tenants, parcels)
        write(connection, "xapi", batch_id, _envelopes(tenants, parcels), Vocabulary())


def _envelopes(tenants: dict[str, Tenant], parcels: Iterable[Parcel]) -> list[tuple[Envelope, datetime]]:
    """Each id once: what comes twice in one transaction is ingest's business."""
    envelopes: dict[tuple[int, str], tuple[Envelope, datetime]] = {}
    for parcel in parcels:
        tenant_id, stored = tenants[parcel.tenant].tenant_id, _moment(parcel.arrives)
        statement = accept(tenant_id, parcel.text)
        envelope = Envelope(tenant_id, CREDENTIAL, stored, [statement])
        envelopes.setdefault((tenant_id, statement.id), (envelope, stored))
    return list(envelopes.values())


def accept(tenant_id: int, text: bytes) -> AcceptedStatement:
    read = read_statement(text, Version.V1)
    assert read.id is not None
    return AcceptedStatement(read.id, derive(read, tenant_id), compose(read, read.id, Version.V1, AUTHORITY))


def _batch(connection: Connection, source: str, tenants: dict[str, Tenant], parcels: Iterable[Parcel]) -> int:
    touched = sorted({tenants[one.tenant].tenant_id for one in parcels})
    row = connection.execute("select ingest.open_batch(%s, %s)", [source, touched]).fetchone()
    assert row is not None
    return int(row[0])


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
