"""Events that name something unknown: kept in a table until it arrives."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from psycopg import Connection

from core.lms.events import Event, read_event
from core.lms.known import Named

# What was accepted once is not asked again whether its times can be.
EVER = datetime(9000, 1, 1, tzinfo=UTC)

RELEASE = """
select distinct waiting.tenant_id, waiting.event_key, waiting.event::text
from unnest(%s::int[], %s::text[], %s::json[]) as arrived (tenant_id, awaited_kind, ids)
inner join lms.waiting_events as waiting
    on waiting.tenant_id = arrived.tenant_id and waiting.awaited_kind = arrived.awaited_kind
    and waiting.awaited_ids = array(select json_array_elements_text(arrived.ids))
"""
RELEASE_KNOWN = """
select distinct event_key, event::text from lms.waiting_events
where tenant_id = %(tenant)s and case awaited_kind
    when 'user' then exists (
        select from lms.users where tenant_id = %(tenant)s and user_id = awaited_ids[1]
    )
    when 'course' then exists (
        select from lms.courses where tenant_id = %(tenant)s and course_id = awaited_ids[1]
    )
    when 'lesson' then exists (
        select from lms.lessons where tenant_id = %(tenant)s and lesson_id = awaited_ids[1]
    )
    when 'enrollment' then exists (
        select from lms.enrollments
        where tenant_id = %(tenant)s and course_id = awaited_ids[1] and user_id = awaited_ids[2]
    )
    when 'submission' then exists (
        select from lms.submissions
        where tenant_id = %(tenant)s and assessment_id = awaited_ids[1] and user_id = awaited_ids[2]
            and attempt_number = awaited_ids[3]::int
    )
    else exists (
        select from lms.assessments where tenant_id = %(tenant)s and assessment_id = awaited_ids[1]
    )
end
"""
FORGET = """
delete from lms.waiting_events as waiting
using unnest(%s::int[], %s::bytea[]) as settled (tenant_id, event_key)
where waiting.tenant_id = settled.tenant_id and waiting.event_key = settled.event_key
returning waiting.tenant_id, waiting.event_key, waiting.waiting_since
"""
KEEP = """
insert into lms.waiting_events (
    tenant_id, event_key, awaited_kind, awaited_ids, event_id, event_type, event, waiting_since
)
values (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))
"""


Mark = tuple[int, bytes]


class TenantEvent(NamedTuple):
    tenant_id: int
    event: Event

    @property
    def mark(self) -> Mark:
        return self.tenant_id, self.event.key


def release_waiting(connection: Connection, arrived: Collection[Named]) -> list[TenantEvent]:
    """Those that waited for any of it; they stay in the table until `settle_waiting` knows better."""
    if not arrived:
        return []
    tenants = [one.tenant_id for one in arrived]
    kinds = [one.ref.kind for one in arrived]
    ids = [json.dumps(one.ref.ids) for one in arrived]
    rows = connection.execute(RELEASE, [tenants, kinds, ids])
    return [TenantEvent(tenant_id, read_event(text.encode(), EVER)) for tenant_id, _, text in rows]


def settle_waiting(connection: Connection, events: Collection[TenantEvent], missing: Mapping[Mark, list[Named]]) -> int:
    """Keeps each event for what it still misses. Returns how many wait no longer."""
    forgotten = connection.execute(
        FORGET, [[one.tenant_id for one in events], [one.event.key for one in events]]
    ).fetchall()
    since = {(tenant_id, bytes(key)): moment for tenant_id, key, moment in forgotten}
    rows = [
        (
            one.tenant_id, one.event.key, awaited.ref.kind, list(awaited.ref.ids), one.event.event_id,
            one.event.event_type, one.event.text.decode(), since.get(one.mark),
        )
        for one in events for awaited in missing.get(one.mark, ())
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(KEEP, rows)
    return len(since.keys() - missing.keys())


def release_known(connection: Connection, tenant_id: int) -> list[TenantEvent]:
    """All that need not wait any longer, whoever brought what they waited for."""
    rows = connection.execute(RELEASE_KNOWN, {"tenant": tenant_id})
    return [TenantEvent(tenant_id, read_event(text.encode(), EVER)) for _, text in rows]
