"""What a JSON text must not contain, because no database could keep it or no reader could open it."""

import json
import re
from typing import Any

from core.xapi.errors import StatementError, segment
from core.xapi.values import malformed

MAX_DEPTH = 100

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Possessive, and content with a string that never ends: the time must not grow faster than the text.
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_DEEPER = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def refuse_unstorable(text: bytes, max_depth: int = MAX_DEPTH) -> None:
    """For a statement's text."""
    refuse_bad_utf8(text)
    # Only extensions nest freely; a backslash may hide that word.
    if b'"extensions"' in text or b"\\" in text:
        refuse_depth(text, max_depth)
    refuse_bad_characters(text)


def refuse_bad_utf8(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise StatementError("", f"a byte that is not UTF-8 (at {error.start})", "JSON in UTF-8") from None
    if text.startswith(b"\xef\xbb\xbf"):
        raise StatementError("", "a byte order mark", "JSON without one")


def refuse_bad_characters(text: bytes) -> None:
    if b"\\" in text and _SUSPECT.search(text):
        try:
            # The standard parser lets NUL and lone surrogates pass, so that their place can be named.
            tree = json.loads(text, parse_int=str, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise malformed(error) from None
        _refuse_characters_in(tree)


def refuse_depth(text: bytes, max_depth: int = MAX_DEPTH) -> None:
    if text.count(b"{") + text.count(b"[") > max_depth and _depth(text) > max_depth:
        raise too_deep(max_depth)


def too_deep(max_depth: int) -> StatementError:
    return StatementError("", "deeper nesting", f"at most {max_depth} levels of objects and arrays")


def _depth(text: bytes) -> int:
    depth = deepest = 0
    for token in _STRUCTURE.finditer(text):
        depth += _DEEPER.get(token.group(), 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse_characters_in(tree: Any) -> None:
    if isinstance(tree, str):
        _refuse_characters(tree)
    elif isinstance(tree, dict):
        for name, part in tree.items():
            _refuse_characters(name)
            _descend(part, segment(name))
    elif isinstance(tree, list):
        for index, part in enumerate(tree):
            _descend(part, f"[{index}]")


def _descend(part: Any, name: str) -> None:
    try:
        _refuse_characters_in(part)
    except StatementError as error:
        raise error.under(name) from None


def _refuse_characters(text: str) -> None:
    if "\0" in text:
        raise StatementError("", "the character U+0000", "text without it, which no database can keep")
    if _SURROGATE.search(text):
        raise StatementError("", "half of a surrogate pair", "whole characters")
