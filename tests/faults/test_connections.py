"""All of the database's connections are taken by somebody else, and our own ended: then given back."""

import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from psycopg import Connection, OperationalError

from tests.harness.database import Database
from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline
from tests.harness.waiting import wait_until
from tests.harness.watched import Proof, topic_ids, watched

OURS = "usename in ('lyceum_lrs', 'lyceum_ingest') and datname = current_database()"
END_OURS = f"select pg_terminate_backend(pid) from pg_stat_activity where {OURS}"
COUNT_OURS = f"select count(*) from pg_stat_activity where {OURS}"
# Who is about to come in holds a place already, and is not to be seen yet; that takes two seconds at most.
ALONE_FOR = 2.5


class Crowd:
    """Takes what is free, but for what is the superuser's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = ExitStack()
        self._alone_since = time.monotonic()
        self.size = 0

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        self._stack.close()

    def push_in(self, admin: Connection) -> bool:
        """Whether there has been no free place, and none of ours left, for long enough: they try to come back."""
        admin.execute(END_OURS)
        before = self.size
        while self._takes_one():
            self.size += 1
        if self.size > before or admin.execute(COUNT_OURS).fetchone() != (0,):
            self._alone_since = time.monotonic()
        return time.monotonic() - self._alone_since > ALONE_FOR

    def _takes_one(self) -> bool:
        try:
            self._stack.enter_context(self._database.service("operator"))
        except OperationalError:
            return False
        return True


@pytest.mark.timeout(900)
def test_connections__all_are_taken(
    own_pipeline: Pipeline, servers: OwnServers, size: SimpleNamespace, proof: Proof
) -> None:
    """Statements are taken on to the broker; reads and documents are answered 503."""
    own_pipeline.start()
    with watched(own_pipeline, size, size.fault_pause) as together:
        with Crowd(own_pipeline.database) as crowd, own_pipeline.database.admin(autocommit=True) as admin:
            wait_until(lambda: crowd.push_in(admin), 60, every=0.05)
            answered, written = together.poller.answered, together.documents.written
            before, unavailable = len(together.load.acknowledged), together.poller.unavailable
            together.last(size.fault_seconds)
            together.wait_more(50)
            meanwhile = len(together.load.acknowledged) - before
            assert (together.poller.answered, together.documents.written) == (answered, written)
            assert together.poller.unavailable > unavailable
            assert own_pipeline.ingest[0].process.poll() is None
        recovered = together.wait_recovered(time.monotonic())
        together.finish(proof, taken=crowd.size, accepted_meanwhile=meanwhile, recovered_in_s=recovered)
    assert together.load.answers.keys() <= {400}
    assert together.load.unknown == set()
    assert topic_ids(own_pipeline) >= together.load.acknowledged
