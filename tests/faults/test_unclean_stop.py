"""All processes die at the same moment, in the midst of everything, and start again: what a cut of power leaves, but
for what the system had not written to the disk yet.

That part was not tried: a file system that forgets what was not synced needs dm-flakey, and so root and a module of
the kernel. That the servers sync before they answer is theirs to prove; that ours are set so, `lyceum doctor` checks.
"""

from random import Random
from types import SimpleNamespace

import pytest

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.victims import victims_of
from tests.harness.watched import Proof, topic_ids, watched


@pytest.mark.timeout(1800)
def test_unclean_stop__of_everything_under_load(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    victims = list(victims_of(servers, own_pipeline).values())
    with watched(own_pipeline, size, size.fault_pause) as together:
        recovered = together.survive_kills(victims, size.server_kills, Random(13))
        together.finish(proof, times=size.server_kills, recovered_in_s=recovered)
    assert topic_ids(own_pipeline) >= together.load.acknowledged
