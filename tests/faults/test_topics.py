"""The log is not the one that the ledger knows: made again, cut, or behind a ledger from a backup."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from psycopg import sql

from core.settings import Settings
from core.tenants import Tenant
from tests.harness.command import Command, Finished
from tests.harness.counting import count, read_ids
from tests.harness.database import Database
from tests.harness.load import Load, addresses_of
from tests.harness.member import Member
from tests.harness.pipeline import Pipeline, laid
from tests.harness.poller import Poller
from tests.harness.statements import make_envelope, make_statement
from tests.harness.waiting import wait_until

Proof = Callable[..., None]
STOPPED = 3


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path, partitions=1) as pipeline:
        yield pipeline


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return database.tenant("school")


def send(pipeline: Pipeline, tenant: Tenant, count: int) -> set[str]:
    statements = [make_statement() for _ in range(count)]
    for statement in statements:
        pipeline.topics.send_envelope(make_envelope(tenant.tenant_id, statement), tenant, 0)
    return {statement["id"] for statement in statements}


def adopt(pipeline: Pipeline, *options: str) -> Finished:
    lyceum = Command(pipeline.server, pipeline.database.settings)
    done = lyceum("ingest", "adopt-topic", *options, LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix)
    assert done.code == 0, done.err
    return done


def stopped(ingest: Member) -> str:
    """Why, in its last words."""
    assert ingest.wait_end() == STOPPED
    assert "Traceback" not in ingest.said
    return ingest.said


def stored(pipeline: Pipeline, tenant: Tenant) -> set[str]:
    return set(read_ids(pipeline.database, tenant))


@pytest.mark.parametrize(("length", "is_running"), [(2, False), (9, True)])
def test_topic__made_again(pipeline: Pipeline, tenant: Tenant, length: int, is_running: bool) -> None:
    """Shorter than before, and longer."""
    before = send(pipeline, tenant, 5)
    ingest = pipeline.start_ingest()
    pipeline.wait_positions({0: 5})
    if not is_running:
        assert ingest.stop() == 0
    pipeline.topics.remake()
    after = send(pipeline, tenant, length)
    if not is_running:
        ingest.restart()
    said = stopped(ingest)
    assert "another topic" in said or "though all before 5 was read" in said
    ingest.restart()
    assert "another topic" in stopped(ingest)
    assert "adopt-topic" in ingest.said
    assert before <= stored(pipeline, tenant)
    adopt(pipeline)
    ingest.restart()
    pipeline.wait_positions({0: length})
    assert stored(pipeline, tenant) == before | after


def test_log__its_beginning_is_gone(pipeline: Pipeline, tenant: Tenant) -> None:
    """Records that were never written: the range is named, and a person decides."""
    first = send(pipeline, tenant, 5)
    ingest = pipeline.start_ingest()
    pipeline.wait_positions({0: 5})
    ingest.stop()
    send(pipeline, tenant, 4)
    last = send(pipeline, tenant, 3)
    pipeline.topics.delete_records({0: 9})
    ingest.restart()
    assert "offsets 5 to 8 were never written to the database" in stopped(ingest)
    assert stored(pipeline, tenant) == first
    assert "from offset 5 to 9" in adopt(pipeline, "--accept-loss").out
    ingest.restart()
    pipeline.wait_positions({0: 12})
    assert stored(pipeline, tenant) == first | last


def test_log__what_is_written_is_gone(pipeline: Pipeline, tenant: Tenant) -> None:
    """As retention does it every day."""
    first = send(pipeline, tenant, 5)
    ingest = pipeline.start_ingest()
    pipeline.wait_positions({0: 5})
    pipeline.topics.delete_records({0: 5})
    second = send(pipeline, tenant, 2)
    pipeline.wait_positions({0: 7})
    assert ingest.stop() == 0
    pipeline.topics.delete_records({0: 7})
    ingest.restart()
    third = send(pipeline, tenant, 2)
    pipeline.wait_positions({0: 9})
    assert stored(pipeline, tenant) == first | second | third


def test_log__shorter_than_the_ledger_says(pipeline: Pipeline, tenant: Tenant) -> None:
    """As after the broker's disk came back from a snapshot."""
    send(pipeline, tenant, 5)
    ingest = pipeline.start_ingest()
    pipeline.wait_positions({0: 5})
    ingest.stop()
    with pipeline.database.admin() as connection:
        connection.execute("update ingest.ledger set next_offset = 8 where topic = %s", [pipeline.topics.statements])
    ingest.restart()
    assert "ends before offset 5, though all before 8 was read" in stopped(ingest)
    assert "from offset 8 to 5" in adopt(pipeline, "--accept-loss").out
    more = send(pipeline, tenant, 2)
    ingest.restart()
    pipeline.wait_positions({0: 7})
    assert more <= stored(pipeline, tenant)


@pytest.mark.timeout(180)
def test_database__restored_from_a_backup_under_load(
    server: Settings, database: Database, tmp_path: Path, proof: Proof
) -> None:
    """Rows and ledger are as they were at the backup; all processes go on running. The topic has the rest."""
    with laid(server, database, tmp_path) as pipeline:
        pipeline.start()
        school, addresses = pipeline.school(), addresses_of(pipeline.lrs)
        with Load(school, addresses, pause=0.02) as load:
            load.wait_acknowledged(300)
            backup(database)
            kept = len(read_ids(database, school.tenant))
            wait_until(lambda: len(read_ids(database, school.tenant)) > kept + 300, 60)
            written = len(read_ids(database, school.tenant))
            restore(database)
            lost = written - len(read_ids(database, school.tenant))
            load.wait_acknowledged(len(load.acknowledged) + 300)
            load.finish()
            pipeline.wait_drained(120)
            counted = count(database, school.tenant, load)
        with Poller(school, addresses) as poller:
            poller.wait_seen(database)
    assert lost > 0
    proof(acknowledged=counted.acknowledged, lost_by_the_restore=lost, lost=0, doubled=0)


def backup(database: Database) -> None:
    """A copy of the database as it is now. It needs to be alone for the moment."""
    _alone(database, f"create database {database.name}_backup template {database.name}")


def restore(database: Database) -> None:
    _alone(
        database, f"drop database {database.name}", f"alter database {database.name}_backup rename to {database.name}"
    )


def _alone(database: Database, *commands: str) -> None:
    name = sql.Identifier(database.name)
    with database.admin(autocommit=True, dbname="postgres") as connection:
        connection.execute(sql.SQL("alter database {} allow_connections false").format(name))
        connection.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [database.name]
        )
        for command in commands:
            connection.execute(command)
        connection.execute(sql.SQL("alter database {} allow_connections true").format(name))


def test_read_your_writes__without_trying_again(
    server: Settings, database: Database, tmp_path: Path, proof: Proof
) -> None:

    with laid(server, database, tmp_path) as pipeline:
        pipeline.start()
        school = pipeline.school()
        headers = {"X-Experience-API-Version": "1.0.3"}
        url, seconds, missed = f"{pipeline.lrs[0].url}/xAPI/statements", [], 0
        with httpx.Client(auth=school.credentials, headers=headers, timeout=30) as client:
            for _ in range(200):
                statement, began = make_statement(), time.monotonic()
                assert client.post(url, json=statement).status_code == 200
                missed += client.get(url, params={"statementId": statement["id"]}).status_code != 200
                seconds.append(time.monotonic() - began)
    assert missed == 0
    proof(posts=200, missed=missed, p50_ms=sorted(seconds)[100] * 1000, p99_ms=sorted(seconds)[197] * 1000)
