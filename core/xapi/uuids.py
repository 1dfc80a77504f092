"""UUIDs in standard form, which are the same in either case."""

import re

from core.xapi.errors import StatementError, shown
from core.xapi.values import string

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def check_uuid(text: str) -> str:
    lower = text.lower()
    if not _UUID.fullmatch(lower):
        raise StatementError("", shown(text.encode()), "a UUID such as 6690e6c9-3ef0-4ed3-8b37-7f3964730bee")
    return lower


def uuid(value: bytes) -> str:
    return check_uuid(string(value))
