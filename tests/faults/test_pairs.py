"""`kill -9` of two at once, under load: all that was acknowledged is stored, once, and all come back by themselves."""

from random import Random
from types import SimpleNamespace

import pytest

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.victims import victims_of
from tests.harness.watched import Proof, topic_ids, watched


@pytest.mark.timeout(1800)
def test_pair__killed_under_load(
    own_pipeline: Pipeline, servers: OwnServers, pair: list[str], size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    known = victims_of(servers, own_pipeline)
    victims = [known[name] for name in pair]
    with watched(own_pipeline, size, size.fault_pause) as together:
        recovered = together.survive_kills(victims, size.server_kills, Random(9))
        together.finish(proof, times=size.server_kills, recovered_in_s=recovered)
    assert topic_ids(own_pipeline) >= together.load.acknowledged
