"""What one request brings: a statement or an array of them, all checked before any is accepted."""

import re

import msgspec

from core.xapi.errors import StatementError, quoted
from core.xapi.statements import Statement, read_statement
from core.xapi.storable import MAX_DEPTH, refuse_bad_characters, refuse_bad_utf8, refuse_depth, too_deep
from core.xapi.values import elements
from core.xapi.versions import Version

SINGLE = "statement"
SEVERAL = "statements"

_starts_array = re.compile(rb"[ \t\r\n]*\[").match


class Batch(msgspec.Struct, frozen=True, gc=False):
    statements: list[Statement]
    is_array: bool


def read_batch(body: bytes, version: Version, max_depth: int = MAX_DEPTH) -> Batch:
    if not _starts_array(body):
        return Batch([_read_at(SINGLE, body, version, max_depth)], is_array=False)
    texts = split_batch(body, max_depth)
    statements = [_read_at(f"{SEVERAL}[{index}]", text, version, max_depth) for index, text in enumerate(texts)]
    _refuse_repeated_ids(statements)
    return Batch(statements, is_array=True)


def split_batch(body: bytes, max_depth: int = MAX_DEPTH) -> list[bytes]:
    """The texts of an array's statements, not yet checked."""
    try:
        refuse_bad_utf8(body)
        try:
            return [bytes(element) for element in elements(body)]
        except StatementError:
            refuse_depth(body, max_depth + 1)
            refuse_bad_characters(body)
            raise
        except RecursionError:
            raise too_deep(max_depth) from None
    except StatementError as error:
        raise error.under(SEVERAL) from None


def _read_at(path: str, text: bytes, version: Version, max_depth: int) -> Statement:
    try:
        return read_statement(text, version, max_depth)
    except StatementError as error:
        raise error.under(path) from None


def _refuse_repeated_ids(statements: list[Statement]) -> None:
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        if statement.id in seen:
            raise StatementError(f"{SEVERAL}[{index}].id", quoted(statement.id), "each id once in a request")
        if statement.id:
            seen.add(statement.id)
