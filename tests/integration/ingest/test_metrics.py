"""What Prometheus sees of ingest while partitions change hands, something waits, and something is away."""

import math
import re
import time

import httpx

from core.envelope import seal
from ingest.backlog import Backlog
from ingest.metrics import Metrics
from tests.harness.database import Database
from tests.harness.member import Member
from tests.harness.pipeline import Pipeline
from tests.harness.statements import make_envelope, make_statement
from tests.harness.waiting import wait_until

PARTITION = re.compile(r'^lyceum_ingest_lag_records\{partition="(\d+)",topic="[^"]*statements\.v1"\}', re.MULTILINE)


def partitions(member: Member) -> list[str]:
    return sorted(PARTITION.findall(httpx.get(f"{member.url}/metrics", timeout=5).text))


def value(metrics: Metrics, name: str) -> float:
    found = metrics.registry.get_sample_value(name)
    assert found is not None
    return found


def test_lag__of_a_partition_is_told_by_one_process(pipeline: Pipeline) -> None:
    first = pipeline.start_ingest().wait_ready()
    wait_until(lambda: partitions(first) == ["0", "1", "2", "3"])
    second = pipeline.start_ingest().wait_ready()
    wait_until(lambda: bool(partitions(second)) and len(partitions(first)) < 4)
    wait_until(lambda: sorted(partitions(first) + partitions(second)) == ["0", "1", "2", "3"])


def test_through__is_now_while_nothing_comes(pipeline: Pipeline) -> None:
    ingest = pipeline.start_ingest().wait_ready()
    name = "lyceum_ingest_written_through_timestamp_seconds"
    wait_until(lambda: time.time() - 20 < ingest.metric(name) <= time.time(), within=40)
    assert ingest.metric("lyceum_ingest_running") == 1
    assert 0 < ingest.metric("process_open_fds") < ingest.metric("process_max_fds")


def test_backlog__of_a_refresh_that_nobody_begins(database: Database) -> None:
    metrics = Metrics()
    with database.service("ingest", autocommit=True) as connection, database.admin(autocommit=True) as admin:
        tenant = database.tenant("school")
        admin.execute("select ingest.number_batches()")
        Backlog(metrics).look(connection)
        assert value(metrics, "lyceum_ingest_refresh_waiting_seconds") == 0
        connection.execute("select ingest.open_batch('import', %s)", [[tenant.tenant_id]])
        admin.execute("update ingest.batches set created_at = now() - interval '1 hour' where number is null")
        Backlog(metrics).look(connection)
        assert 3600 <= value(metrics, "lyceum_ingest_refresh_waiting_seconds") < 3700
        admin.execute("select ingest.number_batches()")
        Backlog(metrics).look(connection)
        assert value(metrics, "lyceum_ingest_refresh_waiting_seconds") == 0


def test_backlog__of_the_outbox(database: Database) -> None:
    metrics, tenant = Metrics(), database.tenant("school")
    envelope = seal(make_envelope(tenant.tenant_id, make_statement()), tenant.tenant_uuid)
    put = "insert into ingest.outbox (tenant_id, topic, record_key, envelope) values (%s, 'statements', '', %s)"
    with database.service("ingest", autocommit=True) as connection, database.admin(autocommit=True) as admin:
        admin.execute(put, [tenant.tenant_id, envelope])
        Backlog(metrics).look(connection)
    assert value(metrics, "lyceum_ingest_outbox_waiting") == 1


def test_through__is_no_time_while_it_is_not_known(database: Database) -> None:
    metrics = Metrics()
    with database.service("ingest", autocommit=True) as connection:
        Backlog(metrics).look(connection)
    assert math.isnan(value(metrics, "lyceum_ingest_written_through_timestamp_seconds"))
