"""IRIs (RFC 3987), compared as they are written."""

import re
from functools import lru_cache

from core.xapi.errors import StatementError, quoted
from core.xapi.values import string

MAX_IRI = 2048

# Best effort, as the specification allows: a scheme, and no character that may stand nowhere in an IRI.
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    r"(?:%[0-9A-Fa-f]{2}|[^%\s\x00-\x20\x7f-\xa0<>\"{}|\\^`\ufdd0-\ufdef\ufff0-\uffff])+"
)


@lru_cache(8192)
def check_iri(text: str) -> str:
    if len(text) > MAX_IRI:
        raise StatementError("", f"{len(text)} characters", f"an IRI of at most {MAX_IRI} characters")
    if not _IRI.fullmatch(text):
        raise StatementError("", quoted(text), "an IRI with a scheme, such as https://example.org/x")
    return text


def iri(value: bytes) -> str:
    return check_iri(string(value))
