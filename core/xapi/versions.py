"""The two versions of the specification, chosen by the request."""

import re
from enum import Enum

from core.xapi.errors import StatementError, shown
from core.xapi.values import Reader, string


class Version(Enum):
    """1.0.3 stands for all of 1.0.x, whose statements are the same."""

    V1 = "1.0.3"
    V2 = "2.0.0"


# What a statement gets that came without a version.
ASSIGNED = {Version.V1: "1.0.0", Version.V2: "2.0.0"}

_ACCEPTED = {
    Version.V1: (re.compile(r"1\.0(?:\.\d{1,9})?", re.ASCII), "1.0 or 1.0.x"),
    Version.V2: (re.compile(r"[12]\.0(?:\.\d{1,9})?", re.ASCII), "2.0.0, 1.0 or 1.0.x"),
}


def version_reader(version: Version) -> Reader[str]:
    accepted, allowed = _ACCEPTED[version]

    def statement_version(value: bytes) -> str:
        text = string(value)
        if not accepted.fullmatch(text):
            raise StatementError("", shown(value), allowed)
        return text

    return statement_version
