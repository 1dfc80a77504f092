"""The ledger comes back with the rows: what was sent after the backup is read again, each statement once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backup.ledger import compare
from backup.means import Means
from backup.restore import restore
from backup.take import take
from core.settings import Settings
from tests.harness.database import Database
from tests.harness.pipeline import Pipeline, laid
from tests.harness.statements import make_envelope, make_statement

EACH = 30
STORED = "select statement_id, stored, digest from xapi.statement_ids order by 1"


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path, partitions=2) as pipeline:
        yield pipeline


def stored(database: Database) -> list[tuple[object, ...]]:
    with database.admin() as connection:
        return connection.execute(STORED).fetchall()


def settings_of(pipeline: Pipeline, database: Database) -> Settings:
    return pipeline.server.model_copy(update={"database": database.settings, "kafka": pipeline.kafka})


def test_restore__same_topic_none_lost_none_doubled(
    pipeline: Pipeline, restored: Database, means: Means, tmp_path: Path, proof: Callable[..., None]
) -> None:
    tenant = pipeline.database.tenant("school")

    def send() -> None:
        for number in range(EACH):
            envelope = make_envelope(tenant.tenant_id, make_statement(), make_statement())
            pipeline.topics.send_envelope(envelope, tenant, number % 2)

    first = pipeline.start_ingest().wait_ready()
    send()
    pipeline.wait_drained()
    before = settings_of(pipeline, pipeline.database)
    take(before, tmp_path / "backup", means)
    send()
    pipeline.wait_drained()
    first.end()
    # Nobody has read these yet when the database is lost.
    send()

    after = settings_of(pipeline, restored)
    restore(after, tmp_path / "backup", means)
    assert len(stored(restored)) == EACH * 2
    assert [line for line in compare(after) if f"{pipeline.topics.statements}: the same topic" in line]
    elsewhere = replace(pipeline, database=restored, ingest=[])
    second = elsewhere.start_ingest().wait_ready()
    elsewhere.wait_drained()
    second.end()
    found = stored(restored)
    assert len(found) == len({row[0] for row in found}) == EACH * 2 * 3
    assert set(stored(pipeline.database)) < set(found), "also the times are those that were acknowledged"
    proof(statements=len(found), lost=0, doubled=0)

    pipeline.topics.remake()
    assert [line for line in compare(after) if "another topic" in line and "adopt-topic" in line]
