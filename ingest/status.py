"""What this process says of itself, for `lyceum ingest status`."""

import os
import secrets
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg import Connection

SAY_EVERY = 2.0
# Who has not been heard of for so long is not listed any more.
FORGET = "delete from ingest.consumers where seen_at < now() - interval '1 day'"
SAY = """
insert into ingest.consumers as consumer (
    consumer_id, seen_at, state, partitions, records, statements, statements_per_second, last_error, last_error_at
)
values (
    %(consumer_id)s, now(), %(state)s, %(partitions)s, %(records)s, %(statements)s, %(rate)s, %(last_error)s,
    %(last_error_at)s
)
on conflict (consumer_id) do update
set seen_at = excluded.seen_at, state = excluded.state, partitions = excluded.partitions, records = excluded.records,
    statements = excluded.statements, statements_per_second = excluded.statements_per_second,
    last_error = coalesce(excluded.last_error, consumer.last_error),
    last_error_at = coalesce(excluded.last_error_at, consumer.last_error_at)
"""


@dataclass
class Status:
    consumer_id: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}")
    state: str = "waiting"
    partitions: int = 0
    records: int = 0
    statements: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None
    _said_at: float = 0.0
    _said_statements: int = 0

    def wrong(self, error: Exception) -> None:
        self.last_error = str(error)[:1000] or type(error).__name__
        self.last_error_at = datetime.now(UTC)

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._said_at >= SAY_EVERY

    def say(self, connection: Connection) -> None:
        now = time.monotonic()
        rate = (self.statements - self._said_statements) / max(now - self._said_at, 0.1) if self._said_at else 0.0
        columns = {
            name: getattr(self, name)
            for name in ("consumer_id", "state", "partitions", "records", "statements", "last_error", "last_error_at")
        }
        connection.execute(SAY, {**columns, "rate": rate})
        if not self._said_at:
            connection.execute(FORGET)
        self._said_at, self._said_statements = now, self.statements
