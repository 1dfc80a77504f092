"""The text of a statement as it is stored and returned: as received, with what the LRS adds."""

from datetime import datetime

from msgspec import Raw

from core.xapi.statements import Statement, SubStatement
from core.xapi.times import format_timestamp
from core.xapi.values import encode
from core.xapi.versions import ASSIGNED, Version


def compose(statement: Statement, statement_id: str, version: Version, authority: bytes) -> bytes:
    """All but `stored`, which is known later: see `stamp`. What the statement says about both is left out."""
    body = _kept(statement)[:-1] + b',"authority":' + authority
    if statement.id is None:
        body += b',"id":"%s"' % statement_id.encode()
    if statement.version is None:
        body += b',"version":"%s"' % ASSIGNED[version].encode()
    return body + b"}"


def stamp(body: bytes, stored: datetime, has_timestamp: bool) -> bytes:
    """`stored` is also the timestamp of a statement that came without one."""
    moment = format_timestamp(stored).encode()
    if has_timestamp:
        return b'%s,"stored":"%s"}' % (body[:-1], moment)
    return b'%s,"stored":"%s","timestamp":"%s"}' % (body[:-1], moment, moment)


def _kept(statement: Statement) -> bytes:
    changed = _changed_texts(statement)
    if not changed and "stored" not in statement.texts and "authority" not in statement.texts:
        return statement.text
    texts = {**statement.texts, **changed}
    return encode({name: text for name, text in texts.items() if name not in ("stored", "authority")})


def _changed_texts(statement: Statement) -> dict[str, bytes]:
    changed: dict[str, bytes] = {}
    if statement.context is not None and statement.context.changed_text is not None:
        changed["context"] = Raw(statement.context.changed_text)
    if isinstance(statement.object, SubStatement) and statement.object.changed_text is not None:
        changed["object"] = Raw(statement.object.changed_text)
    return changed
