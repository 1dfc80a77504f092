"""The broker and the database die, freeze and stay away under load; so do the LRS and ingest, in turn."""

import random
import time
from types import SimpleNamespace

import httpx
import pytest

from tests.harness.counting import read_ids
from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.statements import make_statement
from tests.harness.victims import victims_of
from tests.harness.waiting import wait_until
from tests.harness.watched import Proof, broker_is, topic_ids, watched


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("victims", [("broker",), ("database",), ("ingest", "broker", "lrs", "database")])
def test_kill__under_load(
    own_pipeline: Pipeline, servers: OwnServers, victims: tuple[str, ...], size: SimpleNamespace, proof: Proof
) -> None:
    own_pipeline.start()
    chance = random.Random(3)
    known = victims_of(servers, own_pipeline)
    with watched(own_pipeline, size) as together:
        for _ in range(size.server_kills):
            for victim in victims:
                together.wait_more(chance.randrange(20, 300))
                known[victim].kill()
                known[victim].restart()
                known[victim].wait_ready()
        together.wait_more()
        together.finish(proof, killed=" ".join(victims), times=size.server_kills)
    assert own_pipeline.ingest[0].process.poll() is None
    assert topic_ids(own_pipeline) >= together.load.acknowledged


@pytest.mark.timeout(900)
@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_database__away_under_load(
    own_pipeline: Pipeline, servers: OwnServers, how: str, size: SimpleNamespace, proof: Proof
) -> None:
    """No write is refused, reads are answered 503, and then all is readable."""
    own_pipeline.start()
    with watched(own_pipeline, size) as together:
        servers.database.kill() if how == "killed" else servers.database.freeze()
        wait_until(lambda: together.poller.unavailable > 0, 20)
        answered = together.poller.answered
        meanwhile = together.accepted_for(size.away_seconds)
        assert together.poller.answered == answered
        assert meanwhile > 0
        if how == "killed":
            servers.database.start().wait_ready()
        else:
            servers.database.go_on()
        together.wait_more()
        together.finish(proof, seconds_away=size.away_seconds, how=how, accepted_meanwhile=meanwhile)
    assert together.load.answers.keys() <= {400}
    assert together.load.unknown == set()
    assert max(together.load.seconds) < 8
    assert together.poller.slowest < 15


@pytest.mark.timeout(900)
@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_broker__away_under_load(
    own_pipeline: Pipeline, servers: OwnServers, how: str, size: SimpleNamespace, proof: Proof
) -> None:
    """No write is refused; what was written through is in the topic, when it is back."""
    own_pipeline.start()
    (lrs,) = own_pipeline.lrs
    with watched(own_pipeline, size) as together:
        began = time.monotonic()
        servers.broker.kill() if how == "killed" else servers.broker.freeze()
        wait_until(lambda: broker_is(lrs.url) == "away", 10)
        noticed = time.monotonic() - began
        meanwhile = together.accepted_for(size.away_seconds)
        assert meanwhile > 0
        if how == "killed":
            servers.broker.start().wait_ready()
        else:
            servers.broker.go_on()
        came_back = wait_until(lambda: broker_is(lrs.url) == "ok", 30)
        together.wait_more()
        together.finish(
            proof, seconds_away=size.away_seconds, how=how, noticed_in_s=noticed, accepted_meanwhile=meanwhile,
            came_back_in_s=came_back,
        )  # fmt: skip
    assert together.load.answers.keys() <= {400}
    assert together.load.unknown == set()
    assert noticed < 4
    assert topic_ids(own_pipeline) == set(read_ids(own_pipeline.database, together.school.tenant))


@pytest.mark.timeout(900)
def test_kill__lrs_while_it_writes_through(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Proof
) -> None:
    """The rows and what waits to go to the topic are one transaction."""
    own_pipeline.start()
    (lrs,) = own_pipeline.lrs
    with watched(own_pipeline, size) as together:
        servers.broker.kill()
        wait_until(lambda: broker_is(lrs.url) == "away", 10)
        for _ in range(size.server_kills):
            together.wait_more(100)
            lrs.kill()
            lrs.restart()
            lrs.wait_ready()
        together.wait_more(100)
        servers.broker.start().wait_ready()
        wait_until(lambda: broker_is(lrs.url) == "ok", 30)
        together.wait_more()
        together.finish(proof, times=size.server_kills)
    assert topic_ids(own_pipeline) == set(read_ids(own_pipeline.database, together.school.tenant))


@pytest.mark.timeout(300)
def test_both__away(own_pipeline: Pipeline, servers: OwnServers, proof: Proof) -> None:
    """503, with a time to come again, and soon; then all goes on by itself."""
    own_pipeline.start()
    school, (lrs,) = own_pipeline.school(), own_pipeline.lrs
    headers = {"X-Experience-API-Version": "1.0.3"}
    with httpx.Client(base_url=f"{lrs.url}/xAPI", auth=school.credentials, headers=headers, timeout=30) as client:
        first = client.post("/statements", json=make_statement())
        assert first.status_code == 200
        servers.broker.kill()
        servers.database.kill()
        slowest = 0.0
        for _ in range(5):
            began = time.monotonic()
            answer = client.post("/statements", json=make_statement())
            slowest = max(slowest, time.monotonic() - began)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        servers.mend()
        again = make_statement()
        back = wait_until(lambda: client.post("/statements", json=again).status_code == 200, 60, every=0.2)
        own_pipeline.wait_drained(60)
        found = client.get("/statements", params={"statementId": again["id"]})
        assert found.status_code == 200
    assert slowest < 6
    assert {*first.json(), again["id"]} <= set(read_ids(own_pipeline.database, school.tenant))
    proof(slowest_503_s=slowest, back_in_s=back)
