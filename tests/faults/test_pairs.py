"""`kill -9` of two at once, under load: all that was acknowledged is stored, once, and all come back by themselves."""

import random
import time
from types import SimpleNamespace

import pytest

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.victims import kill_at_once, restart_all, victims_of
from tests.harness.watched import Proof, topic_ids, watched


@pytest.mark.timeout(1800)
def test_pair__killed_under_load(
    own_pipeline: Pipeline, servers: OwnServers, pair: list[str], size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    known, chance, seconds = victims_of(servers, own_pipeline), random.Random(9), []
    with watched(own_pipeline, size, size.fault_pause) as together:
        for _ in range(size.server_kills):
            together.wait_more(chance.randrange(20, 200))
            began = time.monotonic()
            kill_at_once(known[name] for name in pair)
            restart_all(known[name] for name in pair)
            seconds.append(together.wait_recovered(began))
        together.finish(proof, times=size.server_kills, recovered_in_s=max(seconds))
    assert topic_ids(own_pipeline) >= together.load.acknowledged
