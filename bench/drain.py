"""A topic full of statements into the tables, beside the reference in the same run.

`python -m bench.drain --statements 200000` prints what it saw.
"""

import argparse
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psutil
from kafka import KafkaProducer
from psycopg import Connection

from bench.cost import measured, resident_mb
from bench.figures import Spread, spread
from bench.reference import Reference
from bench.servers import Access, embedded_database, ingesting, make_access, make_database, postmaster
from bench.statements import Generator, array
from bench.steps import accept
from core.database.address import connect_admin
from core.envelope import Envelope, record_headers, record_key, seal
from core.kafka import client_options
from core.settings import Settings
from core.topics import topic_names

PER_RECORD = 50
REFERENCE_BATCHES = 10
NOTICE_SECONDS = 600


@dataclass(frozen=True)
class Drained:
    speed: Spread
    ratio: Spread
    ingest_us: Spread
    database_us: Spread
    resident_mb: float


def drain(settings: Settings, reference: Reference, statements: int, rounds: int) -> Drained:
    """Each round fills the topics while nobody reads, and then measures from ingest's first commit to its last."""
    speeds, ratios, ingest, database, resident = [], [], [], [], 0.0
    generator = Generator(seed=time.time_ns())
    for _ in range(rounds):
        publish(settings, make_access(settings), statements)
        before = reference.speed(generator, REFERENCE_BATCHES)
        with connect_admin(settings.database, autocommit=True) as connection, ingesting(settings) as process:
            target = _written(connection) + statements
            with measured(process, postmaster(settings)) as cost:
                speed = _await_all(connection, process, target)
            resident = max(resident, resident_mb(process))
        reference_speed = (before + reference.speed(generator, REFERENCE_BATCHES)) / 2
        speeds.append(speed)
        ratios.append(speed / reference_speed)
        ingest.append(cost.lrs / statements * 1e6)
        database.append(cost.database / statements * 1e6)
    return Drained(spread(speeds), spread(ratios), spread(ingest), spread(database), resident)


def publish(settings: Settings, access: Access, statements: int) -> None:
    """As the LRS publishes them, but not one by one."""
    generator, tenant = Generator(seed=time.time_ns()), _tenant_uuid(settings, access)
    producer = KafkaProducer(
        **client_options(settings.kafka), compression_type="lz4", linger_ms=20, batch_size=1 << 20,
        max_request_size=4 << 20, metrics_enabled=False,
    )  # fmt: skip
    topic = topic_names(settings.kafka).statements
    for _ in range(statements // PER_RECORD):
        body = array(generator.batch(PER_RECORD, "2026-06-01T10:30:12.120Z"))
        envelope = Envelope(access.tenant_id, access.credential_id, datetime.now(UTC), accept(access.tenant_id, body))
        producer.send(topic, seal(envelope, tenant), record_key(envelope, tenant), record_headers(tenant))
    producer.flush()
    producer.close()


def _await_all(connection: Connection, process: psutil.Process, target: int) -> float:
    """Statements per second, from the first rows on: starting up is not what is measured."""
    begin = _written(connection)
    while (now := _written(connection)) == begin:
        time.sleep(0.02)
    first, began = now, time.perf_counter()
    until = began + NOTICE_SECONDS
    while now < target:
        if time.perf_counter() > until or not process.is_running():
            raise RuntimeError(f"{target - now} statements were not written")
        time.sleep(0.1)
        now = _written(connection)
    return (target - first) / (time.perf_counter() - began)


def _written(connection: Connection) -> int:
    """By the ledger, which is cheap to ask: each record has the same number of statements."""
    row = connection.execute("select coalesce(sum(next_offset), 0) from ingest.ledger").fetchone()
    assert row is not None
    return int(row[0]) * PER_RECORD


def _tenant_uuid(settings: Settings, access: Access) -> UUID:
    with connect_admin(settings.database) as connection:
        row = connection.execute(
            "select tenant_uuid from control.tenants where tenant_id = %s", [access.tenant_id]
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def show(seen: Drained) -> str:
    return (
        f"draining: {seen.speed.show()} statements/s, {seen.ratio.show('.2f')} of the reference\n"
        f"  CPU, µs per statement: ingest {seen.ingest_us.show()}, PostgreSQL {seen.database_us.show()}; "
        f"ingest resident {seen.resident_mb:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A full topic into the tables.")
    parser.add_argument("--statements", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        embedded_database(with_broker=True) as settings,
        make_database(settings, "reference") as connection,
    ):
        reference = Reference(connection)
        reference.prepare()
        print(show(drain(settings, reference, options.statements, options.rounds)))


if __name__ == "__main__":
    main()
