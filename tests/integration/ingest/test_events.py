"""Domain events through Kafka: from the door, and from whom the operator lets produce."""

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from core.lms.events import Event, event_schema, read_event
from core.lms.records import join_events
from core.lms.waiting import TenantEvent
from core.topics import topic_names
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.events import NOW, event_body
from tests.harness.events import School as EventSchool
from tests.harness.letters import in_table, in_topic
from tests.harness.load import Load, addresses_of
from tests.harness.pipeline import Pipeline, School
from tests.harness.servers import clean_environment
from tests.harness.waiting import wait_until
from tests.integration.lms.tables import digests, many_tenants, put

DOCS = Path(__file__).parents[3] / "docs" / "events.md"
USER = {"role": "student", "email": "ada@school.example"}


class Producer:
    """Sends records to the topic of events, as an LMS with access to the broker would."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._topics = pipeline.topics
        self.topic = topic_names(pipeline.kafka).events

    def send(self, *bodies: Any) -> tuple[int, int]:
        value = bodies[0] if len(bodies) == 1 else list(bodies)
        return self.send_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())

    def send_bytes(self, value: bytes) -> tuple[int, int]:
        return self._topics.send(value, topic=self.topic)


@pytest.fixture
def producer(pipeline: Pipeline) -> Producer:
    return Producer(pipeline)


@pytest.fixture
def school(pipeline: Pipeline) -> School:
    return pipeline.school("events/write", "all")


def of(school: School, event_type: str, payload: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return event_body(event_type, payload, **{"tenantId": school.tenant.slug, **changes})


def users(database: Database) -> list[str]:
    with database.admin() as connection:
        return [row[0] for row in connection.execute("select user_id from lms.users order by 1")]


def has_users(pipeline: Pipeline, *names: str) -> bool:
    return users(pipeline.database) == sorted(names)


def test_door__publishes_and_the_answer_finds_it_applied(
    pipeline: Pipeline, producer: Producer, school: School
) -> None:
    pipeline.start()
    wait_until(lambda: httpx.get(f"{pipeline.lrs[0].url}/health/ready").json()["kafka"] == "ok")
    body = event_body("user.upserted", USER)
    answer = httpx.post(f"{pipeline.lrs[0].url}/api/v1/events", json=[body], auth=school.credentials)
    assert (answer.status_code, answer.json()) == (200, [body["eventId"]])
    wait_until(lambda: has_users(pipeline, "ada"))
    (record,) = pipeline.topics.records(producer.topic)
    (published,) = json.loads(record.value)
    jsonschema.validate(published, event_schema("user.upserted"))
    assert read_event(json.dumps(published).encode(), NOW) == read_event(
        json.dumps({**body, "tenantId": str(school.tenant.tenant_uuid)}).encode(), NOW
    )
    assert record.key == f"{school.tenant.tenant_uuid}:ada".encode()
    assert pipeline.ingest[0].metric("lyceum_ingest_events_total") == 1


def test_produced__one_or_a_list_by_slug_or_uuid(pipeline: Pipeline, producer: Producer, school: School) -> None:
    pipeline.start_ingest().wait_ready()
    producer.send(of(school, "user.upserted", USER))
    uuid = str(school.tenant.tenant_uuid)
    producer.send(
        of(school, "user.upserted", USER, userId="bob"), of(school, "user.upserted", USER, userId="cy", tenantId=uuid)
    )
    wait_until(lambda: has_users(pipeline, "ada", "bob", "cy"))


def test_letters__what_cannot_be_read_goes_aside_and_the_rest_is_applied(
    pipeline: Pipeline, producer: Producer, school: School
) -> None:
    ingest = pipeline.start_ingest().wait_ready()
    good = of(school, "user.upserted", USER)
    invalid = of(school, "user.upserted", {**USER, "role": "pupil"})
    ahead = of(school, "user.upserted", USER, timestamp="2100-01-01T00:00:00Z")
    nobody = of(school, "user.upserted", USER, tenantId="nobody")
    unnamed = event_body("user.upserted", USER)
    producer.send(invalid, good, ahead, nobody, unnamed)
    producer.send_bytes(b"\xff no json")
    producer.send(of(school, "user.upserted", USER, userId="last"))
    wait_until(lambda: has_users(pipeline, "ada", "last"))
    letters = {
        (letter.reason, letter.position): json.loads(letter.payload)
        for letter in in_table(pipeline)
        if letter.position is not None
    }
    assert letters == {
        ("invalid", 0): invalid, ("invalid", 2): ahead, ("unknown_tenant", 3): nobody, ("unknown_tenant", 4): unnamed
    }  # fmt: skip
    (unreadable,) = (letter for letter in in_table(pipeline) if letter.position is None)
    assert (unreadable.reason, unreadable.payload) == ("unreadable", b"\xff no json")
    said = {record.value for record in pipeline.topics.records(pipeline.topics.names.dead_letters)}
    assert said == {
        join_events([json.dumps(one).encode() for one in pair]) for pair in ([invalid, ahead], [nobody, unnamed])
    } | {b"\xff no json"}
    assert ingest.process.poll() is None


def test_letters__are_retried_when_the_tenant_is_there(pipeline: Pipeline, producer: Producer) -> None:
    pipeline.start_ingest().wait_ready()
    producer.send(event_body("user.upserted", USER, tenantId="late"))
    wait_until(lambda: bool(in_table(pipeline)))
    pipeline.database.tenant("late")
    retried = Command(pipeline.server, pipeline.database.settings)(
        "dead-letters", "retry", "--reason", "unknown_tenant", LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix
    )
    assert retried.code == 0, retried.err
    wait_until(lambda: has_users(pipeline, "ada"))


def test_letters__what_the_database_refuses_alone(pipeline: Pipeline, producer: Producer, school: School) -> None:
    with pipeline.database.admin() as connection:
        connection.execute("alter table lms.users add check (full_name <> 'poison')")
    pipeline.start_ingest().wait_ready()
    names = [f"user-{number}" for number in range(9)]
    producer.send(*(
        of(school, "user.upserted", {**USER, "fullName": "poison" if name == "user-4" else "good"}, userId=name)
        for name in names
    ))  # fmt: skip
    wait_until(lambda: has_users(pipeline, *(name for name in names if name != "user-4")))
    (letter,) = in_table(pipeline)
    assert (letter.reason, letter.position, json.loads(letter.payload)["userId"]) == ("refused", 4, "user-4")
    assert {one.payload for one in in_topic(pipeline)} == {letter.payload}


def test_newer__stops_ingest_and_nothing_is_touched(pipeline: Pipeline, producer: Producer, school: School) -> None:
    ingest = pipeline.start_ingest().wait_ready()
    producer.send(of(school, "user.upserted", USER, version=2))
    assert ingest.wait_end() == 1
    assert "was written by a newer Lyceum" in ingest.said
    assert (users(pipeline.database), in_table(pipeline)) == ([], [])
    pipeline.ingest.clear()


def test_killed__the_tables_are_as_if_told_at_once(pipeline: Pipeline, producer: Producer, school: School) -> None:
    """Records in any order and sent twice, while ingest is killed in between."""
    rng = random.Random(11)
    events = EventSchool(rng).events(150)
    ingest = pipeline.start_ingest().wait_ready()
    told = [*events, *rng.choices(events, k=50)]
    rng.shuffle(told)
    for number, event in enumerate(told):
        producer.send_bytes(event.of_tenant(school.tenant.slug))
        if number % 70 == 50:
            ingest.kill()
            ingest.restart()
    wait_until(lambda: events_behind(pipeline, producer) == 0, 60)
    assert in_table(pipeline) == []
    assert_as_told_at_once(pipeline.database, school, events)


def events_behind(pipeline: Pipeline, producer: Producer) -> int:
    with pipeline.database.admin() as connection:
        query = "select coalesce(sum(next_offset), 0) from ingest.ledger where topic = %s"
        row = connection.execute(query, [producer.topic]).fetchone()
    return sum(pipeline.topics.ends(producer.topic).values()) - int(row[0] if row else 0)


def assert_as_told_at_once(database: Database, school: School, events: list[Event]) -> None:
    (other,) = many_tenants(database, 1)
    with database.service("ingest") as connection:
        put(connection, [TenantEvent(other, event) for event in events])
    with database.service("ingest") as connection:
        found = digests(connection, [school.tenant.tenant_id, other])
    assert found[school.tenant.tenant_id] == found[other]


def test_turn__whoever_holds_it_holds_up_no_statement(pipeline: Pipeline, producer: Producer, school: School) -> None:
    pipeline.start()
    with pipeline.database.service("ingest") as importing:
        importing.execute("insert into lms.turns values (%s)", [school.tenant.tenant_id])
        producer.send(of(school, "user.upserted", USER))
        wait_until(lambda: is_blocked(pipeline.database))
        with Load(school, addresses_of(pipeline.lrs), most=100) as load:
            load.wait_acknowledged(100)
        pipeline.wait_drained()
        assert users(pipeline.database) == []
    wait_until(lambda: has_users(pipeline, "ada"), 60)


def is_blocked(database: Database) -> bool:
    with database.admin() as connection:
        query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = 'lyceum_ingest'"
        return connection.execute(query).fetchone() != (0,)


def test_status__says_what_waits(pipeline: Pipeline, producer: Producer, school: School) -> None:
    pipeline.start_ingest().wait_ready()
    producer.send(of(school, "student.enrolled", {"courseId": "algebra"}))
    wait_until(lambda: events_behind(pipeline, producer) == 0)
    lyceum = Command(pipeline.server, pipeline.database.settings)
    said = lyceum("ingest", "status", LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix)
    assert re.search(r"events that wait\s+1 for something that nobody has told of yet, the oldest since 20", said.out)
    assert producer.topic in said.out


def test_replay__reads_the_events_again(pipeline: Pipeline, producer: Producer, school: School) -> None:
    """Into tables that have lost them."""
    events = EventSchool(random.Random(3)).events(60)
    pipeline.start_ingest().wait_ready()
    for event in events:
        producer.send_bytes(event.of_tenant(school.tenant.slug))
    wait_until(lambda: events_behind(pipeline, producer) == 0, 60)
    with pipeline.database.admin() as connection:
        connection.execute("truncate lms.users, lms.courses, lms.waiting_events, lms.lesson_progress cascade")
        for history in ("course", "lesson", "assessment", "enrollment", "lesson_progress", "submission"):
            connection.execute(f"truncate lms.{history}_history")
        connection.execute("truncate lms.listings")
    lyceum = Command(pipeline.server, pipeline.database.settings)
    given = {"LYCEUM_KAFKA_TOPIC_PREFIX": pipeline.kafka.topic_prefix}
    done = lyceum("ingest", "replay", "--from", "beginning", "--json", **given)
    assert json.loads(done.out)["events"] == 60
    assert_as_told_at_once(pipeline.database, school, events)


def example() -> Iterator[str]:
    yield from re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)


def test_docs__the_example_works_as_it_stands(pipeline: Pipeline, school: School) -> None:
    pipeline.start_ingest().wait_ready()
    (code,) = example()
    bootstrap, topic = pipeline.kafka.bootstrap, topic_names(pipeline.kafka).events
    assert bootstrap is not None
    assert "localhost:9092" in code
    assert '"lyceum.lms-events.v1"' in code
    code = code.replace("localhost:9092", bootstrap).replace("lyceum.lms-events.v1", topic)
    code = code.replace('"tenantId": "school"', f'"tenantId": "{school.tenant.slug}"')
    subprocess.run([sys.executable, "-c", code], env=clean_environment(), check=True, timeout=60)
    wait_until(lambda: has_users(pipeline, "ada"))
