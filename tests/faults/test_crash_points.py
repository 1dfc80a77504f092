"""ingest dies at each point of a transaction, one by one: all of a batch is there, or nothing, and in the end all."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.envelope import seal
from core.settings import Settings
from core.tenants import Tenant
from tests.harness.counting import check_derived, read_ids, read_stored
from tests.harness.database import cloned
from tests.harness.letters import in_table
from tests.harness.pipeline import Pipeline, laid
from tests.harness.planted import Held, held
from tests.harness.statements import make_envelope, make_statement, make_void
from tests.harness.waiting import wait_until

# What is true after the death, before anybody goes on: (point, what becomes of the session, is it written).
CASES = [
    ("before the ids", "ended", False),
    ("after the ids", "ended", False),
    ("after the ids", "left alone", False),
    ("before the dead letters", "ended", False),
    ("before the ledger", "ended", False),
    ("before commit", "ended", False),
    # The server hears of the client's death when it answers.
    ("before commit", "left alone", True),
    # The commit is done and told to all who listen; only the client has not heard.
    ("before commit", "unheard", True),
]
SESSIONS = "select count(*) from pg_stat_activity where datname = current_database() and usename = 'lyceum_ingest'"


@dataclass
class Crash:
    point: str
    session: str
    is_written: bool
    pipeline: Pipeline
    tenant: Tenant
    ids: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return f"{self.point}, {self.session}"

    def send(self) -> None:
        target = make_statement(
            verb={"id": "https://x.example/new"}, object={"id": "https://x.example/new"},
            actor={"mbox": "mailto:new@x.example", "name": "New"},
        )  # fmt: skip
        sent = [target, make_void(target["id"]), make_statement()]
        records = [seal(make_envelope(self.tenant.tenant_id, one), self.tenant.tenant_uuid) for one in sent]
        self.pipeline.topics.send_all([*records, b"unreadable"], partition=0)
        self.ids |= {statement["id"] for statement in sent}

    def send_first(self) -> None:
        statement = make_statement()
        self.pipeline.topics.send_envelope(make_envelope(self.tenant.tenant_id, statement), self.tenant)
        self.ids.add(statement["id"])

    def die(self, hold: Held) -> None:
        (ingest,) = self.pipeline.ingest
        if self.session == "unheard":
            ingest.freeze()
            hold.release()
            wait_until(lambda: not hold.backends() and self.pipeline.positions() == {0: 5})
        ingest.kill()
        if self.session == "ended":
            hold.end_backends()
        hold.release()
        wait_until(self._has_no_session)

    def check(self, *, is_written: bool) -> None:
        assert self.pipeline.positions() == {0: 5 if is_written else 1}, self.name
        assert len(read_ids(self.pipeline.database, self.tenant)) == (4 if is_written else 1), self.name
        assert len(in_table(self.pipeline)) == (1 if is_written else 0), self.name
        if is_written:
            assert set(read_ids(self.pipeline.database, self.tenant)) == self.ids, self.name
        stored = read_stored(self.pipeline.database, self.tenant)
        check_derived(self.pipeline.database, self.tenant, stored)

    def _has_no_session(self) -> bool:
        with self.pipeline.database.admin() as connection:
            return connection.execute(SESSIONS).fetchone() == (0,)


@pytest.fixture
def crashes(server: Settings, edition: str, server_folder: Path, tmp_path: Path) -> Iterator[list[Crash]]:
    """Each with a pipeline of its own, so that all wait at once for the end of the dead ones' sessions."""
    with ExitStack() as stack:
        made = []
        for number, (point, session, is_written) in enumerate(CASES):
            database = stack.enter_context(cloned(server, edition, server_folder))
            folder = tmp_path / str(number)
            folder.mkdir()
            pipeline = stack.enter_context(laid(server, database, folder, partitions=1))
            made.append(Crash(point, session, is_written, pipeline, database.tenant("school")))
        yield made


@pytest.mark.timeout(240)
def test_crash__at_each_point_of_a_transaction(crashes: list[Crash], proof: Callable[..., None]) -> None:
    for crash in crashes:
        crash.pipeline.start_ingest()
        crash.send_first()
    for crash in crashes:
        crash.pipeline.wait_positions({0: 1})
    for crash in crashes:
        (ingest,) = crash.pipeline.ingest
        with held(crash.pipeline.database, crash.point) as hold:
            ingest.freeze()
            crash.send()
            ingest.go_on()
            hold.wait()
            crash.die(hold)
            crash.check(is_written=crash.is_written)
        ingest.restart()
    for crash in crashes:
        crash.pipeline.wait_positions({0: 5})
        crash.check(is_written=True)
        crash.pipeline.ingest[0].kill()
    proof(points=len(crashes), lost=0, doubled=0)
