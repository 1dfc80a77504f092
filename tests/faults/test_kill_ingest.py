"""`kill -9` of ingest at random moments, under load: all that was acknowledged is stored, once."""

import random
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.harness.counting import count
from tests.harness.load import Load, addresses_of
from tests.harness.pipeline import Pipeline
from tests.harness.poller import Poller
from tests.harness.waiting import wait_until


@pytest.mark.timeout(1800)
def test_kill__ingest_under_load(pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    pipeline.start()
    school, chance = pipeline.school(), random.Random(5)
    (ingest,) = pipeline.ingest
    with (
        Load(school, addresses_of(pipeline.lrs), batch=size.fault_batch) as load,
        Poller(school, addresses_of(pipeline.lrs)) as poller,
    ):
        for number in range(size.ingest_kills):
            before = sum(pipeline.positions().values())
            wait_until(lambda: sum(pipeline.positions().values()) > before + 5, 60)  # noqa: B023
            time.sleep(chance.random())
            ingest.kill()
            ingest.restart()
            load.wait_acknowledged(size.fault_statements * (number + 1) // size.ingest_kills, 600)
        load.finish()
        ingest.wait_ready()
        caught_up = pipeline.wait_drained(300)
        counted = count(pipeline.database, school.tenant, load)
        polled = poller.wait_seen(pipeline.database)
    assert load.answers.keys() <= {400}
    proof(
        kills=size.ingest_kills, acknowledged=counted.acknowledged, stored=counted.stored, lost=0, doubled=0,
        refused=counted.refused, polled=polled, caught_up_in_s=caught_up,
    )  # fmt: skip
