"""Statements: everything the specification says about one, checked while it is read."""

from datetime import datetime
from typing import Any

import msgspec

from core.xapi.activities import Activity, activity
from core.xapi.agents import Agent, actor, authority, object_type, one_of
from core.xapi.attachments import Attachment, attachments
from core.xapi.contexts import Context, context_reader, refuse_beside, statement_reference
from core.xapi.errors import StatementError, missing
from core.xapi.memory import remembered
from core.xapi.results import result
from core.xapi.storable import MAX_DEPTH, refuse_unstorable
from core.xapi.times import timestamp_reader
from core.xapi.uuids import uuid
from core.xapi.values import (
    Reader,
    compact,
    encode,
    is_whole,
    malformed,
    members,
    open_object,
    read_members,
)
from core.xapi.verbs import VOIDED, Verb, verb
from core.xapi.versions import Version, version_reader


class StatementRef(msgspec.Struct, frozen=True, gc=False):
    id: str


class SubStatement(msgspec.Struct, frozen=True, gc=False):
    actor: Agent
    verb: Verb
    object: Activity | Agent | StatementRef
    result: dict[str, Any] | None
    context: Context | None
    timestamp: datetime | None
    attachments: tuple[Attachment, ...]
    changed_text: bytes | None


Object = Activity | Agent | StatementRef | SubStatement


class Statement(msgspec.Struct, frozen=True, gc=False):
    """A statement that keeps all rules. `texts` are its properties as they were sent."""

    texts: dict[str, bytes]
    # The whole as it was sent, but for white space between tokens.
    text: bytes
    id: str | None
    actor: Agent
    verb: Verb
    object: Object
    result: dict[str, Any] | None
    context: Context | None
    timestamp: datetime | None
    stored: datetime | None
    authority: Agent | None
    version: str | None
    attachments: tuple[Attachment, ...]

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
        raise StatementError("objectType", kind, ", ".join(readers))
    return reader(value)


@remembered(4096)
def _simple_object(value: bytes) -> Object:
    return _read_by_kind(value, _SIMPLE_OBJECTS)


def _object_reader(version: Version) -> Reader[Object]:
    readers = {**_SIMPLE_OBJECTS, "SubStatement": _sub_statement_reader(version)}

    def read(value: bytes) -> Object:
        # SubStatements are hardly ever the same, and depend on the version. A backslash may hide the word.
        text = bytes(value)
        rare = b"SubStatement" in text or b"\\" in text
        return _read_by_kind(text, readers) if rare else _simple_object(text)

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
        context: Context | None = found.get("context")
        changed = context.changed_text if context else None
        return SubStatement(
            actor=found["actor"],
            verb=found["verb"],
            object=found["object"],
            result=found.get("result"),
            context=context,
            timestamp=found.get("timestamp"),
            attachments=found.get("attachments", ()),
            changed_text=encode({**texts, "context": msgspec.Raw(changed)}) if changed else None,
        )

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


def _check_whole(found: dict[str, Any], owner: str) -> None:
    for name in ("actor", "verb", "object"):
        if name not in found:
            raise missing(name, owner)
    kind = kind_of(found["object"])
    if found["verb"].id == VOIDED and kind != "StatementRef":
        raise StatementError("object.objectType", kind, f"StatementRef, because the verb is {VOIDED}")
    refuse_beside(kind, found.get("context"))


_READERS = {version: _statement_readers(version) for version in Version}


def read_statement(text: bytes, version: Version, max_depth: int = MAX_DEPTH) -> Statement:
    """Paths in errors are relative to the statement."""
    refuse_unstorable(text, max_depth)
    text, texts = _open(text)
    found = read_members(texts, _READERS[version])
    _check_whole(found, "a statement")
    return Statement(
        texts=texts,
        text=text,
        id=found.get("id"),
        actor=found["actor"],
        verb=found["verb"],
        object=found["object"],
        result=found.get("result"),
        context=found.get("context"),
        timestamp=found.get("timestamp"),
        stored=found.get("stored"),
        authority=found.get("authority"),
        version=found.get("version"),
        attachments=found.get("attachments", ()),
    )


def _open(text: bytes) -> tuple[bytes, dict[str, bytes]]:
    try:
        found = open_object(text)
        if is_whole(found, text):
            return text, found
        text = compact(text)
    except RecursionError as error:
        raise malformed(error) from None
    return text, members(text)
