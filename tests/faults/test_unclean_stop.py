"""All processes die at the same moment, in the midst of everything, and start again: what a cut of power leaves, but
for what the system had not written to the disk yet.

That part was not tried: a file system that forgets what was not synced needs dm-flakey, and so root and a module of
the kernel. That the servers sync before they answer is theirs to prove; that ours are set so, `lyceum doctor` checks.
"""

import random
import time
from types import SimpleNamespace

import pytest

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.victims import kill_at_once, restart_all, victims_of
from tests.harness.watched import Proof, topic_ids, watched


@pytest.mark.timeout(1800)
def test_unclean_stop__of_everything_under_load(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    victims, chance, seconds = victims_of(servers, own_pipeline).values(), random.Random(13), []
    with watched(own_pipeline, size, size.fault_pause) as together:
        for _ in range(size.server_kills):
            together.wait_more(chance.randrange(20, 200))
            began = time.monotonic()
            kill_at_once(victims)
            restart_all(victims)
            seconds.append(together.wait_recovered(began))
        together.finish(proof, times=size.server_kills, recovered_in_s=max(seconds))
    assert topic_ids(own_pipeline) >= together.load.acknowledged
