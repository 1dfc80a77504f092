"""Several of each: they come, go, freeze and die under load, and every statement is stored once."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import msgspec
import pytest

from tests.harness.counting import Counted, count, read_ids
from tests.harness.load import Chance, Load, addresses_of
from tests.harness.pipeline import Pipeline, School
from tests.harness.poller import Poller
from tests.harness.waiting import wait_until

# Of the topics of statements, of bulk loads and of events.
ALL = 4 + 2 + 2
HELD = "select coalesce(sum(partitions), 0) from ingest.consumers where consumer_id like '%%-' || %s || '-%%'"


def held_by(pipeline: Pipeline, pid: int) -> int:
    """Partitions, as the process last said."""
    with pipeline.database.admin() as connection:
        row = connection.execute(HELD, [str(pid)]).fetchone()
    assert row is not None
    return int(row[0])


def wait_shared(pipeline: Pipeline, *pids: int) -> None:
    """Until these have all partitions among them, and each has some."""

    def is_shared() -> bool:
        held = [held_by(pipeline, pid) for pid in pids]
        return sum(held) == ALL and min(held) > 0

    wait_until(is_shared, 60, every=0.2)


@contextmanager
def counted_load(pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]) -> Iterator[School]:
    """At the end all is counted, and a poller has seen it."""
    school = pipeline.school()
    addresses = addresses_of(pipeline.lrs)
    with Load(school, addresses, batch=size.fault_batch, pause=0.02) as load, Poller(school, addresses) as poller:
        yield school
        load.finish()
        pipeline.wait_drained(120)
        counted: Counted = count(pipeline.database, school.tenant, load)
        polled = poller.wait_seen(pipeline.database)
    assert load.answers.keys() <= {400, 0}
    fenced = sum(ingest.metric("lyceum_ingest_fenced_total") for ingest in pipeline.ingest if ingest.is_ready())
    proof(
        acknowledged=counted.acknowledged, stored=counted.stored, lost=0, doubled=0, unknown=counted.unknown,
        polled=polled, fenced=int(fenced),
    )  # fmt: skip


@pytest.mark.timeout(900)
def test_zombie__writes_nothing_and_goes_on_as_a_member(
    pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    pipeline.start(ingest=2)
    frozen, other = pipeline.ingest
    with counted_load(pipeline, size, proof):
        for _ in range(size.zombies):
            wait_shared(pipeline, frozen.pid, other.pid)
            frozen.freeze()
            wait_shared(pipeline, other.pid)
            before = sum(pipeline.positions().values())
            wait_until(lambda: sum(pipeline.positions().values()) > before + 20, 60)  # noqa: B023
            frozen.go_on()
        wait_shared(pipeline, frozen.pid, other.pid)
    assert frozen.is_ready()
    assert other.is_ready()


@pytest.mark.timeout(900)
def test_rebalance__from_one_consumer_to_four_and_back(
    pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    pipeline.start()
    (first,) = pipeline.ingest
    with counted_load(pipeline, size, proof):
        for _ in range(size.rebalances):
            others = [pipeline.start_ingest() for _ in range(3)]
            wait_shared(pipeline, first.pid, *(other.pid for other in others))
            for other in others:
                assert other.stop() == 0
            wait_shared(pipeline, first.pid)


@pytest.mark.timeout(900)
def test_replicas__of_the_lrs_are_killed(pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    pipeline.start(lrs=2)
    chance = random.Random(7)
    with counted_load(pipeline, size, proof):
        for _ in range(size.lrs_kills):
            victim = chance.choice(pipeline.lrs)
            before = sum(pipeline.positions().values())
            wait_until(lambda: sum(pipeline.positions().values()) > before + chance.randrange(30), 60)  # noqa: B023
            victim.kill()
            victim.restart()
            victim.wait_ready()


def test_replicas__the_same_ids_at_both_at_once_are_stored_once(
    pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    pipeline.start(lrs=2, ingest=2)
    school, chance = pipeline.school(), Chance(11)
    requests = [[chance.statement() for _ in range(chance.randint(1, 20))] for _ in range(size.twice_sent)]
    headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
    with httpx.Client(auth=school.credentials, headers=headers, timeout=30) as client, ThreadPoolExecutor(8) as pool:

        def send(request: tuple[str, bytes]) -> int:
            url, body = request
            return client.post(f"{url}/xAPI/statements", content=body).status_code

        bodies = [msgspec.json.encode(statements) for statements in requests]
        sent = [(lrs.url, body) for body in bodies for lrs in (*pipeline.lrs, *pipeline.lrs)]
        assert set(pool.map(send, sent)) == {200}
    pipeline.wait_drained()
    ids = sorted(statement["id"] for statements in requests for statement in statements)
    assert read_ids(pipeline.database, school.tenant) == ids
    with pipeline.database.admin() as connection:
        assert connection.execute("select count(*) from xapi.statements").fetchone() == (len(ids),)
    repeated = sum(ingest.metric("lyceum_ingest_repeated_total") for ingest in pipeline.ingest)
    proof(sent=4 * len(ids), stored=len(ids), dropped_by_ingest=int(repeated))
