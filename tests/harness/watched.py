"""A mixed load on a pipeline while something befalls it: statements, documents, and a client that reads."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec

from core.envelope import unseal
from tests.harness.counting import count
from tests.harness.documents import Documents
from tests.harness.load import Load, addresses_of
from tests.harness.pipeline import Pipeline, School
from tests.harness.poller import Poller
from tests.harness.victims import Victim, kill_at_once, restart_all
from tests.harness.waiting import wait_until

Proof = Callable[..., None]
WELL = {"database": "ok", "kafka": "ok"}


class Watched:
    """The load, and what it went through."""

    def __init__(self, pipeline: Pipeline, school: School, load: Load, poller: Poller, documents: Documents) -> None:
        self.pipeline = pipeline
        self.school = school
        self.load = load
        self.poller = poller
        self.documents = documents

    def wait_more(self, statements: int = 100, within: float = 90) -> None:
        self.load.wait_acknowledged(len(self.load.acknowledged) + statements, within)

    def last(self, seconds: float) -> None:
        """As long as a fault is to last."""
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > seconds, seconds + 5, every=0.1)

    def accepted_for(self, seconds: float) -> int:
        """How many statements were acknowledged while the fault lasted."""
        before = len(self.load.acknowledged)
        self.last(seconds)
        return len(self.load.acknowledged) - before

    def survive_kills(self, victims: Sequence[Victim], times: int, chance: Random) -> float:
        """All of them at once, each time. The longest that it took until all was well."""
        slowest = 0.0
        for _ in range(times):
            self.wait_more(chance.randrange(20, 200))
            began = time.monotonic()
            kill_at_once(victims)
            restart_all(victims)
            slowest = max(slowest, self.wait_recovered(began))
        return slowest

    def wait_recovered(self, since: float, within: float = 90) -> float:
        """Until all say that they are well, what is sent from now on is read, and documents are written."""
        before, seen, written = frozenset(self.load.acknowledged), len(self.poller.seen), self.documents.written

        def is_recovered() -> bool:
            is_read = any(one not in before for one in self.poller.seen[seen:])
            return is_read and self.documents.written > written and is_well(self.pipeline)

        wait_until(is_recovered, within, every=0.05)
        return time.monotonic() - since

    def finish(self, proof: Proof, **figures: Any) -> None:
        self.documents.finish()
        self.load.finish(120)
        caught_up = self.pipeline.wait_drained(300)
        assert self.load.answers.keys() <= {0, 400, 503}
        counted = count(self.pipeline.database, self.school.tenant, self.load)
        polled = self.poller.wait_seen(self.pipeline.database)
        documents = self.documents.check(self.pipeline.database)
        proof(
            **figures, acknowledged=counted.acknowledged, stored=counted.stored, lost=0, doubled=0,
            unknown=counted.unknown, polled=polled, documents=documents, caught_up_in_s=caught_up,
            slowest_write_s=max(self.load.seconds), slowest_read_s=self.poller.slowest,
        )  # fmt: skip


@contextmanager
def watched(pipeline: Pipeline, size: SimpleNamespace, pause: float = 0.02) -> Iterator[Watched]:
    school, addresses = pipeline.school(), addresses_of(pipeline.lrs)
    with (
        Load(school, addresses, batch=size.fault_batch, pause=pause) as load,
        Poller(school, addresses) as poller,
        Documents(school, addresses) as documents,
    ):
        together = Watched(pipeline, school, load, poller, documents)
        together.wait_more()
        yield together


def is_well(pipeline: Pipeline) -> bool:
    try:
        said = [httpx.get(f"{lrs.url}/health/ready", timeout=2).json() for lrs in pipeline.lrs]
    except httpx.TransportError:
        return False
    return all(WELL.items() <= one.items() for one in said) and all(ingest.is_ready() for ingest in pipeline.ingest)


def broker_is(url: str) -> str:
    """As the LRS's health says it."""
    return str(httpx.get(f"{url}/health/ready", timeout=10).json()["kafka"])


def topic_ids(pipeline: Pipeline) -> set[str]:
    """Of all statements that the topic has."""
    return {
        msgspec.json.decode(bytes(raw))["id"]
        for record in pipeline.topics.records(pipeline.topics.statements)
        for raw in unseal(record.value).statements
    }
