"""One transaction after the other: what fails leaves nothing behind, in the tables or in what is remembered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from core.database.address import role_conninfo
from core.envelope import record_headers, seal
from core.tenants import Tenant
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from ingest.committer import Committer, Outcome, Work
from ingest.connections import Connections
from ingest.dead_letters import DeadLetter
from ingest.ledger import FencedError, Move, Source, know_partitions, read_positions
from ingest.statements import EPOCH, StatementBatch
from ingest.tenants import Tenants
from tests.harness.counting import read_ids
from tests.harness.database import Database
from tests.harness.statements import NOW, make_envelope, make_statement

TOPIC_ID = UUID(int=7)
SOURCE = Source("cluster", TOPIC_ID)


class Writing:
    """A committer on the test's database, and batches of records as the broker would bring them."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self.database = database
        self.tenant = tenant
        self.published: list[DeadLetter] = []
        self.connection = database.admin(autocommit=True)
        know_partitions(self.connection, SOURCE, "topic", "statements", 1)
        self.committer = Committer(
            Connections(role_conninfo(database.settings, "lyceum_ingest")), self.published.extend, prepare_staging
        )
        self.committer.start()
        self._vocabulary = Vocabulary()
        self._tenants = Tenants(lambda: self.connection)
        self._lane: Any = SimpleNamespace(source=SOURCE)

    def batch(self, *values: bytes, first: int = 0) -> StatementBatch:
        batch = StatementBatch(self._tenants, self._vocabulary)
        for number, value in enumerate(values):
            batch.add(self._record(value, first + number), TOPIC_ID, None)
        return batch

    def value(self, **changes: Any) -> bytes:
        return seal(make_envelope(self.tenant.tenant_id, make_statement(**changes)), self.tenant.tenant_uuid)

    def commit(self, batch: StatementBatch, from_offset: int, to_offset: int, first: datetime = NOW) -> Outcome:
        move = Move(0, from_offset, to_offset, first + timedelta(seconds=from_offset), first)
        self.committer.submit(Work(self._lane, batch, [move]))
        outcome = self.committer.outcome(20)
        assert outcome is not None
        return outcome

    def next_offset(self) -> int:
        return read_positions(self.connection, SOURCE)[0].next_offset

    def count(self, table: str) -> int:
        row = self.connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        return int(row[0])

    def _record(self, value: bytes, offset: int) -> Any:
        stored = (NOW + timedelta(seconds=offset + 1) - EPOCH) // timedelta(milliseconds=1)
        headers = record_headers(self.tenant.tenant_uuid)
        return SimpleNamespace(
            topic="topic", partition=0, offset=offset, timestamp=stored, value=value, headers=headers
        )

    def close(self) -> None:
        self.committer.stop()
        self.connection.close()


@pytest.fixture
def writing(database: Database) -> Iterator[Writing]:
    writing = Writing(database, database.tenant("school"))
    yield writing
    writing.close()


def test_commit__from_where_another_consumer_has_moved_on_writes_nothing(writing: Writing) -> None:
    """The zombie: it has read a batch, is frozen, and wakes up when another has long written it."""
    values = [writing.value(verb={"id": f"https://x.example/{number}"}) for number in range(5)]
    stale, unreadable = writing.batch(*values, writing.value()), writing.batch(writing.value(), b"\xff", first=0)
    assert writing.commit(writing.batch(*values), 0, 5).error is None
    before = {table: writing.count(table) for table in ("ingest.batches", "xapi.statements", "xapi.verbs")}
    for batch in (stale, unreadable):
        assert isinstance(writing.commit(batch, 0, 6).error, FencedError)
    assert {table: writing.count(table) for table in before} == before
    assert writing.count("ingest.dead_letters") == 0
    assert writing.next_offset() == 5


def test_commit__at_or_before_a_promised_time_writes_nothing(writing: Writing) -> None:
    assert writing.commit(writing.batch(writing.value()), 0, 1).error is None
    late = writing.batch(writing.value(), first=1)
    assert isinstance(writing.commit(late, 1, 2, NOW - timedelta(seconds=1)).error, FencedError)
    assert writing.count("xapi.statements") == 1


def test_commit__what_was_rolled_back_is_not_remembered_as_stored(writing: Writing) -> None:
    verb, actor = {"id": "https://x.example/verb"}, {"mbox": "mailto:new@x.example"}
    failed = writing.batch(writing.value(verb=verb, actor=actor))
    assert isinstance(writing.commit(failed, 40, 41).error, FencedError)
    # Commits without writing a statement.
    assert writing.commit(writing.batch(b"\xff"), 0, 1).error is None
    again = writing.batch(writing.value(verb=verb, actor=actor), first=1)
    assert writing.commit(again, 1, 2).error is None
    assert (writing.count("xapi.verbs"), writing.count("xapi.agents"), writing.count("xapi.activities")) == (1, 1, 1)


def test_commit__database_restored_from_a_backup_under_a_running_process(writing: Writing) -> None:
    """What is remembered as stored is gone from the tables, with the rows and the ledger."""
    first = writing.value(verb={"id": "https://x.example/verb"})
    assert writing.commit(writing.batch(first), 0, 1).error is None
    restore_empty(writing.database)
    assert writing.commit(writing.batch(first), 0, 1).error is not None
    assert writing.commit(writing.batch(first), 0, 1).error is None
    assert len(read_ids(writing.database, writing.tenant)) == 1
    assert (writing.count("xapi.verbs"), writing.count("xapi.agents"), writing.count("xapi.activities")) == (1, 1, 1)


def restore_empty(database: Database) -> None:
    """As it was before the first statement; every session is ended, as in a restore."""
    with database.admin(autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity "
            "where datname = current_database() and application_name = 'lyceum_ingest'"
        )
        for table in ("statements", "statement_ids", "verbs", "activities", "activity_definitions", "agents"):
            connection.execute(f"delete from xapi.{table}")
        connection.execute("update ingest.ledger set next_offset = 0, through = null")
