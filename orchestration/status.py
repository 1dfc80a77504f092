"""As of when the marts are, and what they do not know yet."""

from datetime import datetime

import msgspec

from core.database.turn import take_turn
from core.settings import Settings
from orchestration.login import transform_connection


class MartsStatus(msgspec.Struct, frozen=True):
    as_of: datetime | None
    finished_at: datetime | None
    mode: str | None
    waiting_batches: int
    waiting_since: datetime | None
    is_refreshing: bool


LAST = "select as_of, finished_at, mode from marts.refreshes where tenant_id is null order by finished_at desc limit 1"
WAITING = """
select count(*), min(batches.created_at)
from ingest.batches cross join intermediate.position
where batches.number is null or batches.number > position.through_number
"""


def read_status(settings: Settings) -> MartsStatus:
    with transform_connection(settings) as connection:
        as_of, finished_at, mode = connection.execute(LAST).fetchone() or (None, None, None)
        waiting_batches, waiting_since = connection.execute(WAITING).fetchone() or (0, None)
        with connection.transaction():
            is_refreshing = not take_turn(connection)
    return MartsStatus(as_of, finished_at, mode, waiting_batches, waiting_since, is_refreshing)
