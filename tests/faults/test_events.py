"""The door for domain events while the servers behind it die: what was acknowledged is in the tables and the topic."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import pytest

from core.lms.events import Event, read_event
from core.lms.waiting import EVER, TenantEvent
from core.topics import topic_names
from tests.harness.events import School as EventSchool
from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline, School
from tests.harness.waiting import wait_until
from tests.integration.lms.tables import digests, many_tenants, put


class Telling:
    """An LMS that tells one event after another, and each again until it is acknowledged."""

    def __init__(self, url: str, school: School) -> None:
        self._url = f"{url}/api/v1/events"
        self._school = school
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.acknowledged: list[Event] = []
        self.refused: list[int] = []

    def _run(self) -> None:
        rng = random.Random(5)
        source = EventSchool(rng)
        with httpx.Client(auth=self._school.credentials, timeout=20) as client:
            while not self._stop.wait(0.01):
                events = [source.event() for _ in range(rng.choice((1, 1, 5)))]
                while not self._stop.is_set() and not self._tell(client, events):
                    time.sleep(0.1)

    def _tell(self, client: httpx.Client, events: list[Event]) -> bool:
        body = b"[" + b",".join(event.of_tenant(self._school.tenant.slug) for event in events) + b"]"
        try:
            answer = client.post(self._url, content=body, headers={"Content-Type": "application/json"})
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            self.acknowledged += events
        elif answer.status_code != 503:
            self.refused.append(answer.status_code)
        return answer.status_code != 503

    def wait_more(self, count: int = 50) -> None:
        wanted = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= wanted or bool(self.refused), 90)

    @contextmanager
    def going_on(self) -> Iterator["Telling"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()


@pytest.mark.timeout(900)
def test_events__broker_database_ingest_and_lrs_die_in_turn(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    own_pipeline.start()
    school = own_pipeline.school("events/write")
    (lrs,), (ingest,) = own_pipeline.lrs, own_pipeline.ingest
    with Telling(lrs.url, school).going_on() as telling:
        telling.wait_more()
        for _ in range(size.server_kills):
            for servant in (servers.broker, servers.database):
                servant.kill()
                telling.wait_more()
                servant.start().wait_ready()
                telling.wait_more()
            for member in (ingest, lrs):
                member.kill()
                member.restart()
                member.wait_ready()
                telling.wait_more()
    assert telling.refused == []
    own_pipeline.wait_drained(120)
    told = told_in_topic(own_pipeline)
    assert told.keys() >= {event.key for event in telling.acknowledged}
    caught_up = wait_until(lambda: events_behind(own_pipeline) == 0, 180, every=0.5)
    assert is_as_told(own_pipeline, school, list(told.values()))
    proof(acknowledged=len(telling.acknowledged), in_topic=len(told), lost=0, caught_up_in_s=caught_up)


def events_behind(pipeline: Pipeline) -> int:
    topic = topic_names(pipeline.kafka).events
    with pipeline.database.admin() as connection:
        query = "select coalesce(sum(next_offset), 0) from ingest.ledger where topic = %s and retired_at is null"
        row = connection.execute(query, [topic]).fetchone()
    return sum(pipeline.topics.ends(topic).values()) - int(row[0] if row else 0)


def told_in_topic(pipeline: Pipeline) -> dict[bytes, Event]:
    """Also what was in flight when something died, and never acknowledged."""
    records = pipeline.topics.records(topic_names(pipeline.kafka).events)
    events = [read_event(json.dumps(one).encode(), EVER) for record in records for one in json.loads(record.value)]
    return {event.key: event for event in events}


def is_as_told(pipeline: Pipeline, school: School, events: list[Event]) -> bool:
    database = pipeline.database
    (other,) = many_tenants(database, 1)
    with database.service("ingest") as connection:
        put(connection, [TenantEvent(other, event) for event in events])
    with database.service("ingest") as connection:
        found = digests(connection, [school.tenant.tenant_id, other])
    return found[school.tenant.tenant_id] == found[other]
