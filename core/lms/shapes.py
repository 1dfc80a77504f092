"""From a struct's types to what reads it strictly and to its JSON Schema, so that the two cannot differ."""

import types
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import FieldInfo, fields

from core.lms.kinds import Kind, Schema
from core.xapi.errors import StatementError as EventError
from core.xapi.errors import missing, quoted, wrong
from core.xapi.values import Reader, Readers, boolean, read_elements, read_object, string

S = TypeVar("S", bound=Struct)


@cache
def struct_reader(struct: type[S], owner: str) -> Reader[S]:
    readers = struct_readers(struct)
    names = {field.encode_name: field.name for field in fields(struct)}
    required = [field.encode_name for field in fields(struct) if field.required]

    def read(value: bytes) -> S:
        found = read_object(value, readers)
        for name in required:
            if name not in found:
                raise missing(name, owner)
        return struct(**{names[name]: part for name, part in found.items()})

    return read


@cache
def struct_readers(struct: type[Struct]) -> Readers:
    hints = _hints(struct)
    return {field.encode_name: _reader(hints[field.name]) for field in fields(struct)}


@cache
def struct_schema(struct: type[Struct]) -> Schema:
    hints = _hints(struct)
    properties = {field.encode_name: {**schema_of(hints[field.name]), **_default(field)} for field in fields(struct)}
    required = [field.encode_name for field in fields(struct) if field.required]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _hints(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _default(field: FieldInfo) -> Schema:
    return {} if field.default in (msgspec.NODEFAULT, UNSET, None) else {"default": field.default}


def _reader(hint: Any) -> Reader[Any]:
    plain, is_nullable = _without_absence(hint)
    read = _plain_reader(plain)
    return (lambda value: None if bytes(value) == b"null" else read(value)) if is_nullable else read


def _plain_reader(hint: Any) -> Reader[Any]:
    if hint is bool:
        return boolean
    origin = get_origin(hint)
    if origin is Annotated:
        return _kind(hint).reader
    if origin is Literal:
        return _choice(get_args(hint))
    if origin is list:
        element = _reader(get_args(hint)[0])
        return lambda value: read_elements(value, element)
    return struct_reader(hint, f"a {hint.__name__.lower()}")


def schema_of(hint: Any) -> Schema:
    plain, is_nullable = _without_absence(hint)
    schema = _plain_schema(plain)
    return {"anyOf": [schema, {"type": "null"}]} if is_nullable else schema


def _plain_schema(hint: Any) -> Schema:
    if hint is bool:
        return {"type": "boolean"}
    origin = get_origin(hint)
    if origin is Annotated:
        return _kind(hint).schema
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if origin is list:
        return {"type": "array", "items": schema_of(get_args(hint)[0])}
    return struct_schema(hint)


def _without_absence(hint: Any) -> tuple[Any, bool]:
    """The type of a value that is there, and whether null may stand for one that is not."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    parts = get_args(hint)
    (plain,) = (part for part in parts if part not in (type(None), UnsetType))
    return plain, type(None) in parts


def _kind(hint: Any) -> Kind:
    return next(part for part in hint.__metadata__ if isinstance(part, Kind))


def _choice(choices: tuple[str, ...]) -> Reader[str]:
    allowed = ", ".join(choices)

    def read(value: bytes) -> str:
        if not bytes(value).startswith(b'"'):
            raise wrong(value, allowed)
        text = string(value)
        if text not in choices:
            raise EventError("", quoted(text), allowed)
        return text

    return read
