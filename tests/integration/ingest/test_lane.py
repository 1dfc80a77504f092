"""A lane's partitions are taken away, come again and are forgotten at the worst moments: no record is passed over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka import TopicPartition

from core.database.address import role_conninfo
from core.settings import Settings
from core.tenants import Tenant
from core.writer.vocabulary import Vocabulary
from ingest.clients import Clients, open_lanes
from ingest.connections import Connections
from ingest.lane import Lane
from ingest.ledger import Move
from ingest.statements import StatementBatch
from ingest.tenants import Tenants
from tests.harness.database import Database
from tests.harness.pipeline import Pipeline, laid
from tests.harness.statements import make_envelope, make_statement
from tests.harness.waiting import wait_until


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path, partitions=2) as pipeline:
        yield pipeline


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return database.tenant("school")


class Steps:
    """The lane's thread, step by step in the test's hands."""

    def __init__(self, pipeline: Pipeline, tenant: Tenant) -> None:
        self._pipeline = pipeline
        self._tenant = tenant
        settings = pipeline.server.model_copy(update={"database": pipeline.database.settings, "kafka": pipeline.kafka})
        clients = Clients(settings, Connections(role_conninfo(settings.database, "lyceum_ingest")))
        self._connection = clients.connect()
        self._tenants = Tenants(lambda: self._connection)
        self.lane: Lane = open_lanes(settings, clients, ["statements"], self.batch)[0]
        self.lane._open()
        wait_until(self._is_settled)

    def batch(self) -> StatementBatch:
        return StatementBatch(self._tenants, Vocabulary())

    def fetch(self, partition: int, records: int) -> None:
        """So many more, put into the topic now."""
        wanted = len(self.lane._waiting) + records
        for _ in range(records):
            self._pipeline.topics.send_envelope(
                make_envelope(self._tenant.tenant_id, make_statement()), self._tenant, partition
            )
        wait_until(lambda: self._has(wanted))

    def fill(self, most: int, batch: StatementBatch, moves: dict[int, Move]) -> None:
        self.lane.fill(batch, moves, most)

    def fill_all(self) -> tuple[StatementBatch, dict[int, Move]]:
        batch, moves = self.batch(), dict[int, Move]()
        ends = self._pipeline.topics.ends()

        def is_read() -> bool:
            self.step()
            self.fill(1000, batch, moves)
            return all(number in moves and moves[number].to_offset == end for number, end in ends.items() if end)

        wait_until(is_read)
        return batch, moves

    def take_away(self, partition: int) -> None:
        self.lane.on_partitions_revoked([TopicPartition(self.lane.topic, partition)])

    def give_back(self, partition: int) -> None:
        self.lane.on_partitions_assigned([TopicPartition(self.lane.topic, partition)])

    def step(self) -> None:
        self.lane._settle()
        self.lane._fetch()

    def close(self) -> None:
        self.lane._close()
        self._connection.close()

    def _is_settled(self) -> bool:
        self.step()
        return self.lane.partitions == 2

    def _has(self, wanted: int) -> bool:
        self.step()
        return len(self.lane._waiting) >= wanted


@pytest.fixture
def steps(pipeline: Pipeline, tenant: Tenant) -> Iterator[Steps]:
    steps = Steps(pipeline, tenant)
    yield steps
    steps.close()


def read(moves: dict[int, Move]) -> int:
    return sum(move.to_offset - move.from_offset for move in moves.values())


def test_partition__taken_away_and_come_again_while_others_fill_the_batch(steps: Steps) -> None:
    steps.fetch(0, 5)
    steps.fetch(1, 5)
    steps.fetch(0, 5)
    steps.take_away(0)
    first, first_moves = steps.batch(), dict[int, Move]()
    steps.fill(3, first, first_moves)
    assert (first.size, set(first_moves)) == (3, {1})
    steps.give_back(0)
    steps.step()
    second, moves = steps.fill_all()
    assert moves[0].from_offset == 0
    assert second.size == read(moves) == 12


def test_forget__between_two_steps_of_the_lane(steps: Steps) -> None:
    steps.fetch(0, 5)
    steps.fill(5, steps.batch(), {})
    # The thread has looked where the ledger is, and now asks for more.
    steps.lane.forget()
    for number in range(5):
        steps._pipeline.topics.send_envelope(
            make_envelope(steps._tenant.tenant_id, make_statement(actor={"mbox": f"mailto:{number}@x.example"})),
            steps._tenant,
            0,
        )
    steps.lane._fetch()
    batch, moves = steps.fill_all()
    assert moves[0].from_offset == 0
    assert batch.size == read(moves) == 10


def test_promise__binds_what_comes_while_it_is_committed(steps: Steps) -> None:
    """By a clock that is ahead of the broker's."""
    steps.fetch(0, 2)
    first, moves = steps.batch(), dict[int, Move]()
    steps.fill(1, first, moves)
    ahead = datetime.now(UTC) + timedelta(seconds=30)
    steps.lane.promise([moves[0]._replace(through=ahead)])
    second, next_moves = steps.batch(), dict[int, Move]()
    steps.fill(1, second, next_moves)
    assert next_moves[0].first is not None
    assert next_moves[0].first > ahead
