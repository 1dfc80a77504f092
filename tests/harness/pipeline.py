"""The path of statements in a test's own hands: topics and database of its own, and any number of processes."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kafka.errors import KafkaError
from psycopg import Error

from core.credentials import NewCredential, create_credential
from core.database.address import admin_conninfo
from core.settings import KafkaSettings, Settings
from core.tenants import Tenant
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.member import Member
from tests.harness.topics import TopicHand
from tests.harness.waiting import wait_until

POSITIONS = """
select topic_partition, next_offset from ingest.ledger where topic = %s and retired_at is null
"""


@dataclass(frozen=True)
class School:
    tenant: Tenant
    credentials: tuple[str, str]


@dataclass
class Pipeline:
    server: Settings
    database: Database
    kafka: KafkaSettings
    folder: Path
    topics: TopicHand
    lrs: list[Member] = field(default_factory=list)
    ingest: list[Member] = field(default_factory=list)
    # For each process that is started.
    variables: dict[str, str] = field(default_factory=dict)

    def start_lrs(self, **variables: str) -> Member:
        port, number = find_free(set()), len(self.lrs)
        given = {
            "LYCEUM_LRS_PORT": str(port),
            "LYCEUM_LRS_PUBLISH": "true",
            "LYCEUM_LRS_ATTACHMENTS": f"file://{self.folder / 'objects'}",
            "LYCEUM_LRS_ACCESS_LOG": "false",
        }
        self.lrs.append(self._start(("lrs", "serve"), given | variables, port, f"lrs-{number}"))
        return self.lrs[-1]

    def start_ingest(self, **variables: str) -> Member:
        port, number = find_free(set()), len(self.ingest)
        given = {"LYCEUM_INGEST_PORT": str(port), "LYCEUM_INGEST_SESSION_TIMEOUT": "6"}
        self.ingest.append(self._start(("ingest", "serve"), given | variables, port, f"ingest-{number}"))
        return self.ingest[-1]

    def start(self, *, lrs: int = 1, ingest: int = 1) -> None:
        members = [*(self.start_ingest() for _ in range(ingest)), *(self.start_lrs() for _ in range(lrs))]
        for member in members:
            member.wait_ready()

    def school(self, *scopes: str) -> School:
        tenant = self.database.tenant(f"school-{secrets.token_hex(4)}")
        with self.database.admin() as connection:
            new = NewCredential(secrets.token_hex(4), scopes or ("all",))
            issued = create_credential(connection, tenant.slug, new, self.database.key, "http://127.0.0.1")
        return School(tenant, (issued.credential.key_id, issued.secret))

    def positions(self) -> dict[int, int]:
        with self.database.admin() as connection:
            return dict(connection.execute(POSITIONS, [self.topics.statements]).fetchall())

    def lag(self) -> int:
        positions = self.positions()
        return sum(end - positions.get(number, 0) for number, end in self.topics.ends().items())

    def is_drained(self) -> bool:
        """All that was acknowledged is in the tables, and what was written through is in the topic as well."""
        try:
            with self.database.admin() as connection:
                waiting = connection.execute("select count(*) from ingest.outbox").fetchone()
            return waiting == (0,) and self.lag() == 0
        except (Error, KafkaError):
            return False

    def wait_drained(self, within: float = 60) -> float:
        return self._wait(self.is_drained, within, 0.1)

    def wait_positions(self, wanted: dict[int, int], within: float = 60) -> float:
        return self._wait(lambda: wanted.items() <= self.positions().items(), within, 0.01)

    def _wait(self, condition: Callable[[], bool], within: float, every: float) -> float:
        def holds() -> bool:
            ended = [one.said[-2000:] for one in self.ingest if one.process.poll() not in {None, 0, -9}]
            assert not ended, f"ingest ended: {ended}"
            return condition()

        return wait_until(holds, within, every)

    def end(self) -> None:
        for member in (*self.lrs, *self.ingest):
            member.end()
        self.topics.forget()

    def _start(self, arguments: tuple[str, ...], variables: dict[str, str], port: int, name: str) -> Member:
        given = {
            "LYCEUM_HOME": str(self.server.home),
            "LYCEUM_DATABASE_URL": admin_conninfo(self.database.settings),
            "LYCEUM_KAFKA_TOPIC_PREFIX": self.kafka.topic_prefix,
            "LYCEUM_LOG_FORMAT": "text",
        }
        log = self.folder / f"{name}.log"
        return Member.start(arguments, given | self.variables | variables, port, log)


@contextmanager
def laid(server: Settings, database: Database, folder: Path, partitions: int = 4) -> Iterator[Pipeline]:
    prefix = f"t{secrets.token_hex(5)}."
    kafka = server.kafka.model_copy(update={"topic_prefix": prefix, "partitions": partitions})
    topics = TopicHand(kafka)
    topics.create()
    pipeline = Pipeline(server, database, kafka, folder, topics)
    try:
        yield pipeline
    finally:
        pipeline.end()
        topics.delete()
