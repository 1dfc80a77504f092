"""The disk of the database, and that of the broker, is full for a while, under load."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import SimpleNamespace

import psycopg
import pytest

from tests.harness.database import Database
from tests.harness.own_servers import OwnServers, Servant, prepared, running
from tests.harness.pipeline import Pipeline
from tests.harness.small_disk import SmallDisk, on_small_disk
from tests.harness.waiting import wait_until
from tests.harness.watched import Proof, broker_is, topic_ids, watched

DATABASE_MB, BROKER_MB = 400, 150
# Else it keeps more of its log than there is room.
LITTLE_LOG = ("-c", "min_wal_size=32MB", "-c", "max_wal_size=64MB")
NEXT_SEGMENT = "select pg_logical_emit_message(true, 'test', 'full'), pg_switch_wal()"


@dataclass(frozen=True)
class Disks:
    servers: OwnServers
    database: SmallDisk
    broker: SmallDisk


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    servers = prepared(tmp_path_factory.mktemp("disks"))
    servers.database.add_arguments(*LITTLE_LOG)
    data = servers.folder / "data"
    with ExitStack() as stack:
        database = stack.enter_context(on_small_disk(servers.database, data / "timescaledb", DATABASE_MB))
        broker = stack.enter_context(on_small_disk(servers.broker, data / "kafka", BROKER_MB))
        yield Disks(stack.enter_context(running(servers)), database, broker)


@pytest.fixture
def shared_servers(disks: Disks) -> OwnServers:
    return disks.servers


@pytest.mark.timeout(900)
def test_disk__of_the_database_is_full(
    own_pipeline: Pipeline, disks: Disks, size: SimpleNamespace, proof: Proof
) -> None:
    """Statements are taken on to the broker; with that away as well, and for documents, the answer is 503."""
    own_pipeline.start()
    broker, database = disks.servers.broker, disks.servers.database
    with watched(own_pipeline, size, size.fault_pause) as together:
        disks.database.fill()
        wait_until(lambda: own_pipeline.lag() > 20, 60, every=0.2)
        meanwhile = together.accepted_for(size.fault_seconds)
        assert meanwhile > 0
        assert together.load.answers.keys() <= {400}
        broker.kill()
        wait_until(lambda: 503 in together.load.answers, 30)
        use_up_log(own_pipeline.database)
        wait_until(lambda: together.documents.unavailable > 0, 30)
        disks.database.clear()
        began = time.monotonic()
        broker.start()
        come_back(database)
        broker.wait_ready()
        together.finish(proof, accepted_meanwhile=meanwhile, recovered_in_s=together.wait_recovered(began))
    assert together.load.unknown == set()
    assert topic_ids(own_pipeline) >= together.load.acknowledged


def use_up_log(database: Database) -> None:
    """Until the database cannot write that it commits, and dies of it."""
    with suppress(psycopg.OperationalError), database.admin(autocommit=True) as connection:
        while True:
            connection.execute(NEXT_SEGMENT)


def come_back(servant: Servant) -> None:
    servant.revive()
    servant.wait_ready()


@pytest.mark.timeout(900)
def test_disk__of_the_broker_is_full(own_pipeline: Pipeline, disks: Disks, size: SimpleNamespace, proof: Proof) -> None:
    """No write is refused: the LRS writes through, and what it wrote is in the topic later."""
    own_pipeline.start()
    (lrs,), broker = own_pipeline.lrs, disks.servers.broker
    with watched(own_pipeline, size, size.fault_pause) as together:
        disks.broker.fill()
        wait_until(lambda: broker_is(lrs.url) == "away", 30)
        meanwhile = together.accepted_for(size.fault_seconds)
        assert meanwhile > 0
        disks.broker.clear()
        began = time.monotonic()
        come_back(broker)
        together.finish(proof, accepted_meanwhile=meanwhile, recovered_in_s=together.wait_recovered(began))
    assert together.load.answers.keys() <= {400}
    assert together.load.unknown == set()
    assert topic_ids(own_pipeline) >= together.load.acknowledged
