"""Whether two statements are the same, as far as the specification lets them differ.

Left out, because an LRS or its canonical definitions may change them: id, stored, authority, version, the definitions
of activities, the display of verbs, and attachments' descriptions. Of attachments, usage and hash count; a signature
does not, as it is made over the statement without it. Equal whatever the notation: numbers, timestamps, letters of
UUIDs, language tags and e-mail domains, the order of a group's members, a single context activity and an array of
it, an objectType that says the default, and durations within hundredths of a second.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from core.xapi.activities import Activity
from core.xapi.agents import Agent
from core.xapi.attachments import Attachment
from core.xapi.statements import Object, Statement, StatementRef, SubStatement
from core.xapi.values import canonical

CONTENT_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_TIMESTAMP = b"\x80" + bytes(7)


def digest(statement: Statement) -> bytes:
    """16 bytes of the content, then the timestamp in 8: compare with `same_digest`, not with `==`."""
    return sha256(canonical(_comparable(statement))).digest()[:CONTENT_BYTES] + _instant(statement.timestamp)


def same_digest(one: bytes, other: bytes) -> bool:
    """A timestamp that only one of them has may have been set by an LRS, which makes no difference."""
    if one[:CONTENT_BYTES] != other[:CONTENT_BYTES]:
        return False
    times = one[CONTENT_BYTES:], other[CONTENT_BYTES:]
    return times[0] == times[1] or _NO_TIMESTAMP in times


def same_statement(one: Statement, other: Statement) -> bool:
    """Logically equivalent, as a signed statement must be to its signature's payload."""
    return (one.id is None or other.id is None or one.id == other.id) and same_digest(digest(one), digest(other))


def _comparable(statement: Statement | SubStatement) -> dict[str, Any]:
    tree = {
        "actor": statement.actor.comparable,
        "verb": statement.verb.id,
        "object": _object(statement.object),
    }
    if statement.result is not None:
        tree["result"] = statement.result
    if statement.context is not None:
        tree["context"] = statement.context.comparable
    if statement.attachments and (attached := _attached(statement.attachments)):
        tree["attachments"] = attached
    return tree


def _object(found: Object) -> Any:
    if isinstance(found, Activity):
        return found.id
    if isinstance(found, Agent):
        return found.comparable
    if isinstance(found, StatementRef):
        return [found.id]
    return {**_comparable(found), "timestamp": _instant(found.timestamp).hex()}


def _attached(attachments: tuple[Attachment, ...]) -> list[tuple[str, str]]:
    return [(each.usage_type, each.sha2) for each in attachments if not each.is_signature]


def _instant(moment: datetime | None) -> bytes:
    if moment is None:
        return _NO_TIMESTAMP
    return ((moment - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
