"""What waits before and behind ingest, as the database has it, for Prometheus: each process shows the same."""

import time

from psycopg import Connection

from ingest.metrics import Metrics

LOOK_EVERY = 15.0
# `batch_id` says nothing about the order of commits, but enough about age, and has an index.
LOOK = """
select
    (select count(*) from (select from ingest.outbox limit 100000) as waiting),
    (select extract(epoch from min(through)) from ingest.ledger where lane = 'statements' and retired_at is null),
    coalesce((
        select extract(epoch from now() - created_at) from ingest.batches
        where number is null order by batch_id limit 1
    ), 0)
"""


class Backlog:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._looked_at = 0.0

    def look_if_due(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            self.look(connection)

    def look(self, connection: Connection) -> None:
        outbox, through, refresh = connection.execute(LOOK).fetchone() or (0, None, 0)
        self._metrics.outbox_waiting.set(outbox)
        if through is not None:
            self._metrics.through.set(float(through))
        self._metrics.refresh_waiting.set(float(refresh))
