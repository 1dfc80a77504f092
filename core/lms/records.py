"""Domain events as the topic has them: one event, or a list of them, to each record."""

from collections.abc import Sequence
from uuid import UUID

from core.lms.events import Event, split

# What the door accepted is not asked again whether its times can be: its clock is not the broker's.
ACCEPTED = "accepted"


def seal_events(events: Sequence[Event], tenant: UUID) -> bytes:
    return join_events([event.of_tenant(str(tenant)) for event in events])


def join_events(texts: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(texts) + b"]"


def event_key(events: Sequence[Event], tenant: UUID) -> bytes:
    """Tenant and first user."""
    return f"{tenant}:{events[0].user_id or ''}".encode()


def event_headers(tenant: UUID) -> list[tuple[str, bytes]]:
    return [("tenant", str(tenant).encode()), (ACCEPTED, b"")]


def split_record(value: bytes) -> list[tuple[int | None, bytes]]:
    """With the position of each in the list, if it is one."""
    return list(enumerate(split(value))) if value.lstrip()[:1] == b"[" else [(None, value)]
