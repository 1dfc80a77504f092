"""What one accepted request brings: the unit that is written, or sent on, whole."""

from datetime import datetime

import msgspec

from core.xapi.bodies import stamp
from core.xapi.records import StatementRecord


class AcceptedStatement(msgspec.Struct, frozen=True, gc=False):
    """`body` is the statement as it will be returned, but for `stored`, and for the timestamp if it came without."""

    id: str
    record: StatementRecord
    body: bytes
    # Only of what is imported with the time at which another store had it.
    stored: datetime | None = None

    def stamped(self, stored: datetime) -> bytes:
        return stamp(self.body, stored, self.record.timestamp is not None)


class Envelope(msgspec.Struct, frozen=True, gc=False):
    tenant_id: int
    credential_id: str
    accepted_at: datetime
    statements: list[AcceptedStatement]
