"""Each process stands still for a while, under load, and goes on: nobody told it, and nothing is lost or doubled."""

import time
from types import SimpleNamespace

import pytest

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.victims import victims_of
from tests.harness.watched import Proof, topic_ids, watched


@pytest.mark.timeout(1800)
def test_freeze__each_in_turn_under_load(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    seconds = {}
    with watched(own_pipeline, size, size.fault_pause) as together:
        for name, victim in victims_of(servers, own_pipeline).items():
            together.wait_more(50)
            victim.freeze()
            together.last(size.fault_seconds)
            victim.go_on()
            seconds[f"{name}_recovered_in_s"] = together.wait_recovered(time.monotonic())
        together.finish(proof, seconds_frozen=size.fault_seconds, **seconds)
    assert together.load.unknown == set()
    assert topic_ids(own_pipeline) >= together.load.acknowledged
