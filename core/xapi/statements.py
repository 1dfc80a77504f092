"""Statements: everything the specification says about one, checked while it is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from core.xapi.activities import Activity, activity
from core.xapi.agents import Agent, actor, authority, object_type, one_of
from core.xapi.attachments import Attachment, attachments
from core.xapi.contexts import Context, context_reader, refuse_beside, statement_reference
from core.xapi.errors import StatementError, missing, quoted
from core.xapi.memory import remembered
from core.xapi.results import result
from core.xapi.storable import MAX_DEPTH, refuse_unstorable, too_deep
from core.xapi.times import timestamp_reader
from core.xapi.uuids import uuid
from core.xapi.values import (
    Reader,
    compact,
    encode,
    is_whole,
    members,
    open_object,
    read_members,
)
from core.xapi.verbs import VOIDED, Verb, verb
from core.xapi.versions import Version, version_reader


class StatementRef(msgspec.Struct, frozen=True, gc=False):
    id: str


class SubStatement(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    actor: Agent
    verb: Verb
    object: Activity | Agent | StatementRef
    result: dict[str, Any] | None = None
    context: Context | None = None
    timestamp: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    # None, where the text needs no change.
    changed_text: bytes | None = None


Object = Activity | Agent | StatementRef | SubStatement


class Statement(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A statement that keeps all rules. `texts` are its properties as they were sent."""

    texts: Mapping[str, bytes]
    # The whole as it was sent, but for white space between tokens.
    text: bytes
    id: str | None = None
    actor: Agent
    verb: Verb
    object: Object
    result: dict[str, Any] | None = None
    context: Context | None = None
    timestamp: datetime | None = None
    stored: datetime | None = None
    authority: Agent | None = None
    version: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def voids(self) -> str | None:
        """The id of the statement that this one voids."""
        return self.refers_to if self.verb.id == VOIDED else None

    @property
    def refers_to(self) -> str | None:
        """The id of the statement that is this one's object."""
        return self.object.id if isinstance(self.object, StatementRef) else None


_KINDS: dict[type[Object], str] = {Activity: "Activity", StatementRef: "StatementRef", SubStatement: "SubStatement"}


def kind_of(found: Object) -> str:
    return found.kind if isinstance(found, Agent) else _KINDS[type(found)]


def _reference(value: bytes) -> StatementRef:
    return StatementRef(statement_reference(value))


class _IsSubStatement(Exception):  # noqa: N818 (a turn, not an error)
    pass


def _is_sub_statement(_: bytes) -> Object:
    raise _IsSubStatement


_SIMPLE_OBJECTS: dict[str, Reader[Object]] = {
    "Activity": activity,
    "Agent": actor,
    "Group": actor,
    "StatementRef": _reference,
}


def _read_by_kind(value: bytes, readers: dict[str, Reader[Object]]) -> Object:
    kind = object_type(value, "Activity")
    reader = readers.get(kind)
    if reader is None:
        raise StatementError("objectType", quoted(kind), ", ".join(readers))
    return reader(value)


@remembered(4096)
def _simple_object(value: bytes) -> Object:
    return _read_by_kind(value, _SIMPLE_OBJECTS)


@remembered(4096)
def _object_but_no_sub_statement(value: bytes) -> Object:
    return _read_by_kind(value, {**_SIMPLE_OBJECTS, "SubStatement": _is_sub_statement})


def _object_reader(version: Version) -> Reader[Object]:
    sub_statement = _sub_statement_reader(version)

    def read(value: bytes) -> Object:
        try:
            return _object_but_no_sub_statement(value)
        except _IsSubStatement:
            # These are hardly ever the same, and depend on the version: not worth remembering.
            return sub_statement(value)

    return read


def _common_readers(version: Version) -> dict[str, Reader[Any]]:
    return {
        "actor": actor,
        "verb": verb,
        "result": result,
        "context": context_reader(version),
        "timestamp": timestamp_reader(version),
        "attachments": attachments,
    }


def _sub_statement_reader(version: Version) -> Reader[SubStatement]:
    readers = {
        **_common_readers(version),
        "objectType": one_of("SubStatement"),
        "object": _simple_object,
    }

    def sub_statement(value: bytes) -> SubStatement:
        texts = members(value)
        found = read_members(texts, readers)
        _check_whole(found, "a SubStatement")
        del found["objectType"]
        context: Context | None = found.get("context")
        if context is not None and context.changed_text is not None:
            found["changed_text"] = encode({**texts, "context": msgspec.Raw(context.changed_text)})
        return SubStatement(**found)

    return sub_statement


def _statement_readers(version: Version) -> dict[str, Reader[Any]]:
    return {
        **_common_readers(version),
        "id": uuid,
        "object": _object_reader(version),
        "stored": timestamp_reader(version),
        "authority": authority,
        "version": version_reader(version),
    }


_REQUIRED = frozenset(("actor", "verb", "object"))


def _check_whole(found: dict[str, Any], owner: str) -> None:
    if not found.keys() >= _REQUIRED:
        raise missing(next(name for name in ("actor", "verb", "object") if name not in found), owner)
    kind = kind_of(found["object"])
    if kind != "StatementRef" and found["verb"].id == VOIDED:
        raise StatementError("object.objectType", kind, f"StatementRef, because the verb is {VOIDED}")
    if kind != "Activity" and "context" in found:
        refuse_beside(kind, found["context"])


_READERS = {version: _statement_readers(version) for version in Version}


def read_statement(text: bytes, version: Version, max_depth: int = MAX_DEPTH) -> Statement:
    """Paths in errors are relative to the statement."""
    refuse_unstorable(text, max_depth)
    try:
        return _read(text, version)
    except RecursionError:
        raise too_deep(max_depth) from None


def _read(text: bytes, version: Version) -> Statement:
    text, texts = _open(text)
    found = read_members(texts, _READERS[version])
    _check_whole(found, "a statement")
    return Statement(texts=texts, text=text, **found)


def _open(text: bytes) -> tuple[bytes, Mapping[str, bytes]]:
    found = open_object(text)
    if is_whole(found, text) and not _has_line_breaks(text):
        return text, found
    text = compact(text)
    return text, members(text)


def _has_line_breaks(text: bytes) -> bool:
    """Or tabs: between the tokens of a part, where `is_whole` does not look. The store keeps a body on one line."""
    return b"\n" in text or b"\r" in text or b"\t" in text
