"""The text of a statement as it is stored and returned: as received, with what the LRS adds."""

from datetime import datetime

from msgspec import Raw

from core.xapi.statements import Statement, SubStatement
from core.xapi.times import format_timestamp
from core.xapi.values import encode
from core.xapi.versions import ASSIGNED, Version

# What the LRS sets itself, whatever the statement says.
_OVERWRITTEN = ("stored", "authority")


def compose(statement: Statement, statement_id: str, version: Version, authority: bytes) -> bytes:
    """All but `stored`, which is known later: see `stamp`."""
    additions = {"authority": Raw(authority)}
    if statement.id is None:
        additions["id"] = Raw(encode(statement_id))
    if statement.version is None:
        additions["version"] = Raw(encode(ASSIGNED[version]))
    return _extend(_kept(statement), additions)


def stamp(body: bytes, stored: datetime, has_timestamp: bool) -> bytes:
    """`stored` is also the timestamp of a statement that came without one."""
    moment = Raw(encode(format_timestamp(stored)))
    return _extend(body, {"stored": moment} if has_timestamp else {"stored": moment, "timestamp": moment})


def _kept(statement: Statement) -> bytes:
    changed = _changed_texts(statement)
    if not changed and not any(name in statement.texts for name in _OVERWRITTEN):
        return statement.text
    texts = {**statement.texts, **changed}
    return encode({name: text for name, text in texts.items() if name not in _OVERWRITTEN})


def _changed_texts(statement: Statement) -> dict[str, bytes]:
    changed = {}
    if statement.context is not None and statement.context.changed_text is not None:
        changed["context"] = Raw(statement.context.changed_text)
    if isinstance(statement.object, SubStatement) and statement.object.changed_text is not None:
        changed["object"] = Raw(statement.object.changed_text)
    return changed


def _extend(body: bytes, additions: dict[str, bytes]) -> bytes:
    """The body, which is never an empty object, is not read again."""
    return body[:-1] + b"," + encode(additions)[1:]
